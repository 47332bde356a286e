//! Folders as git keeps them, by their ids, whether a commit or only the index has them.
//!
//! Must not know of paths that people give.

use super::references::Words;
use super::walk::{HEAD, is_foreign};
use crate::git::index::GitIndex;
use crate::git::repository::{Version, find_tree, trouble};
use crate::sniff::classify::{FileClass, may_go_on, sort};
use crate::sniff::containers::names_others;
use crate::syntax::DataFormat;
use crate::vfs::decode::decode;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::may_matter;
use git2::{ObjectType, Oid, Repository};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// What a name in a folder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub id: Oid,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    /// A symbolic link.
    Link,
    Folder,
    /// A commit of another repository.
    Submodule,
}

impl Kind {
    pub fn of_mode(mode: u32) -> Self {
        match mode & 0o170_000 {
            0o040_000 => Self::Folder,
            0o120_000 => Self::Link,
            0o160_000 => Self::Submodule,
            _ => Self::File,
        }
    }
}

impl Entry {
    pub fn new(name: &[u8], id: Oid, kind: Kind) -> Self {
        Self { name: String::from_utf8_lossy(name).into_owned(), id, kind }
    }
}

/// All folders and files that can be had from a repository.
pub struct GitTrees<'r> {
    repository: &'r Repository,
    staged: GitIndex,
    /// What files have been recognised as: many states have most of their files in common.
    known: RefCell<Known>,
    /// The files below folders that name others, and what these may name.
    naming: RefCell<HashMap<Oid, Naming>>,
    words: RefCell<HashMap<Oid, Rc<Words>>>,
}

/// Files by their paths from a folder.
type Naming = Rc<[(String, Oid)]>;

type Known = HashMap<(Oid, Option<DataFormat>), Option<FileClass>>;

impl<'r> GitTrees<'r> {
    pub fn new(repository: &'r Repository) -> Self {
        Self {
            repository,
            staged: GitIndex::default(),
            known: RefCell::default(),
            naming: RefCell::default(),
            words: RefCell::default(),
        }
    }

    /// The top folder of a state.
    ///
    /// # Errors
    /// There is no such state, or it cannot be read.
    pub fn root(&mut self, version: &Version) -> Result<Oid, InputError> {
        match version {
            Version::Revision(revision) => Ok(find_tree(self.repository, revision)?),
            Version::Staged | Version::WorkTree => {
                let (staged, root) = GitIndex::read(self.repository)?;
                self.staged = staged;
                Ok(root)
            }
        }
    }

    /// What is in a folder.
    ///
    /// # Errors
    /// The repository lacks it.
    pub fn list(&self, id: Oid) -> Result<Cow<'_, [Entry]>, InputError> {
        if let Some(entries) = self.staged.folders.get(&id) {
            return Ok(Cow::Borrowed(entries));
        }
        let tree = self.repository.find_tree(id).map_err(|error| trouble(&error))?;
        let entry = |entry: git2::TreeEntry<'_>| {
            let mode = u32::try_from(entry.filemode()).unwrap_or_default();
            Entry::new(entry.name_bytes(), entry.id(), Kind::of_mode(mode))
        };
        Ok(Cow::Owned(tree.iter().map(entry).collect()))
    }

    /// The files below a folder that name others, each by its path from there.
    ///
    /// # Errors
    /// The repository lacks a folder.
    pub fn naming(&self, folder: Oid) -> Result<Naming, InputError> {
        if let Some(known) = self.naming.borrow().get(&folder) {
            return Ok(known.clone());
        }
        let mut files = Vec::new();
        for Entry { name, id, kind } in self.list(folder)?.iter() {
            match kind {
                Kind::Folder if !is_foreign(name) => {
                    let below = self.naming(*id)?;
                    files.extend(below.iter().map(|(path, id)| (format!("{name}/{path}"), *id)));
                }
                Kind::File if names_others(name) => files.push((name.clone(), *id)),
                _ => {}
            }
        }
        let files: Naming = files.into();
        self.naming.borrow_mut().insert(folder, files.clone());
        Ok(files)
    }

    /// What a file may name.
    ///
    /// # Errors
    /// The repository lacks it.
    pub fn words(&self, id: Oid) -> Result<Rc<Words>, InputError> {
        if let Some(known) = self.words.borrow().get(&id) {
            return Ok(known.clone());
        }
        let text = decode(self.content(id)?, None).text;
        let words = Rc::new(Words::of(&text));
        self.words.borrow_mut().insert(id, words.clone());
        Ok(words)
    }

    /// The size of a file, in bytes.
    ///
    /// # Errors
    /// The repository lacks it.
    pub fn size(&self, id: Oid) -> Result<u64, InputError> {
        let header = self.repository.odb().and_then(|odb| odb.read_header(id));
        let (size, _) = header.map_err(|error| trouble(&error))?;
        Ok(size as u64)
    }

    /// The bytes of a file, or the target of a link.
    ///
    /// # Errors
    /// The repository lacks it.
    pub fn content(&self, id: Oid) -> Result<Vec<u8>, InputError> {
        let blob = self.repository.find_blob(id).map_err(|error| trouble(&error))?;
        Ok(blob.content().to_vec())
    }

    /// What a file certainly is.
    ///
    /// # Errors
    /// The repository lacks it.
    pub fn sort(
        &self,
        id: Oid,
        format: Option<DataFormat>,
    ) -> Result<Option<FileClass>, InputError> {
        if let Some(known) = self.known.borrow().get(&(id, format)) {
            return Ok(*known);
        }
        let mut head = self.content(id)?;
        if !may_go_on(&head) {
            head.truncate(HEAD);
        }
        let sort = sort(format, &decode(head, format).text);
        self.known.borrow_mut().insert((id, format), sort);
        Ok(sort)
    }

    /// The folders, by their paths, in which files that may matter are not the same in two states.
    /// Folders that are the same in both are not even read.
    ///
    /// # Errors
    /// The repository lacks a folder.
    pub fn differing(&self, one: Oid, other: Oid) -> Result<BTreeSet<String>, InputError> {
        let mut folders = BTreeSet::new();
        self.compare([Some(one), Some(other)], "", &mut folders)?;
        Ok(folders)
    }

    fn compare(
        &self,
        sides: [Option<Oid>; 2],
        at: &str,
        folders: &mut BTreeSet<String>,
    ) -> Result<(), InputError> {
        check_depth(at)?;
        let list = |side: Option<Oid>| side.map_or(Ok(Cow::Borrowed(&[][..])), |id| self.list(id));
        let lists = [list(sides[0])?, list(sides[1])?];
        let mut names: BTreeMap<&str, [Option<&Entry>; 2]> = BTreeMap::new();
        for (side, list) in lists.iter().enumerate() {
            list.iter().for_each(|entry| names.entry(&entry.name).or_default()[side] = Some(entry));
        }
        for (name, entries) in names.into_iter().filter(|(_, [one, other])| one != other) {
            let is_file = |entry: &&Entry| matches!(entry.kind, Kind::File | Kind::Link);
            if may_matter(name) && entries.iter().flatten().any(is_file) {
                folders.insert(at.to_owned());
            }
            let inner = entries.map(|e| e.filter(|e| e.kind == Kind::Folder).map(|e| e.id));
            if inner[0] != inner[1] {
                let path = if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
                self.compare(inner, &path, folders)?;
            }
        }
        Ok(())
    }
}

/// No work tree could hold a path that is longer than this, in bytes.
const MAX_PATH: usize = 4096;

/// Refuses to go deeper than any work tree.
///
/// # Errors
/// The path is too long.
pub fn check_depth(path: &str) -> Result<(), InputError> {
    if path.len() <= MAX_PATH {
        return Ok(());
    }
    Err(InputError::new(
        InputProblem::TooLarge,
        format!("the git repository holds paths of more than {MAX_PATH} bytes"),
        "name the folders to look at",
    ))
}

/// The top folder of nothing at all, as before the first commit.
pub fn empty_tree() -> Result<Oid, InputError> {
    Oid::hash_object(ObjectType::Tree, &[]).map_err(|error| trouble(&error))
}
