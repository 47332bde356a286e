//! Folders as git keeps them, by their ids, whether a commit or only the index has them.
//!
//! Must not know of paths that people give.

use super::entry::{Entry, Kind};
use super::filters::staged_content;
use super::index::GitIndex;
use super::repository::{Version, find_tree, trouble};
use crate::vfs::input_error::{InputError, InputProblem};
use git2::{ErrorCode, ObjectType, Oid, Repository};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// All folders and files that can be had from a repository.
pub struct GitTrees<'r> {
    repository: &'r Repository,
    staged: GitIndex,
}

impl<'r> GitTrees<'r> {
    pub fn new(repository: &'r Repository) -> Self {
        Self { repository, staged: GitIndex::default() }
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
        let tree = self.repository.find_tree(id).map_err(|error| self.lacks(&error))?;
        let entry = |entry: git2::TreeEntry<'_>| {
            let mode = u32::try_from(entry.filemode()).unwrap_or_default();
            Entry::new(entry.name_bytes(), entry.id(), Kind::of_mode(mode))
        };
        Ok(Cow::Owned(tree.iter().map(entry).collect()))
    }

    /// The size of a file, in bytes.
    ///
    /// # Errors
    /// The repository lacks it.
    pub fn size(&self, id: Oid) -> Result<u64, InputError> {
        if let Some(text) = self.staged.conflicts.get(&id) {
            return Ok(text.len() as u64);
        }
        let header = self.repository.odb().and_then(|odb| odb.read_header(id));
        let (size, _) = header.map_err(|error| self.lacks(&error))?;
        Ok(size as u64)
    }

    /// The bytes of a file, or the target of a link.
    ///
    /// # Errors
    /// The repository lacks it.
    pub fn content(&self, id: Oid) -> Result<Vec<u8>, InputError> {
        if let Some(text) = self.staged.conflicts.get(&id) {
            return Ok(text.clone());
        }
        let blob = self.repository.find_blob(id).map_err(|error| self.lacks(&error))?;
        Ok(blob.content().to_vec())
    }

    /// What a file holds that is staged, where a filter gives git something else to keep.
    pub fn unfiltered(&self, root: Oid, path: &Path) -> Option<Vec<u8>> {
        (self.staged.root == Some(root)).then(|| staged_content(self.repository, path))?
    }

    /// Why an object cannot be had: a partial clone fetches what git itself asks for.
    fn lacks(&self, error: &git2::Error) -> InputError {
        let is_promised = || {
            let config = self.repository.config().ok()?;
            let mut entries = config.entries(Some("remote\\..*\\.promisor")).ok()?;
            Some(entries.next().is_some())
        };
        if error.code() != ErrorCode::NotFound || is_promised() != Some(true) {
            return trouble(error);
        }
        InputError::new(
            InputProblem::Repository,
            "this is a partial clone that lacks a file which has to be checked",
            "fetch what is missing: `git fetch --refetch --no-filter`",
        )
    }

    /// The folders, by their paths, in which files that may matter are not the same in two states.
    /// Folders that are the same in both are not even read.
    ///
    /// # Errors
    /// The repository lacks a folder.
    pub fn differing(
        &self,
        one: Oid,
        other: Oid,
        matters: fn(&str) -> bool,
    ) -> Result<BTreeSet<String>, InputError> {
        let mut folders = BTreeSet::new();
        self.compare([Some(one), Some(other)], "", matters, &mut folders)?;
        Ok(folders)
    }

    fn compare(
        &self,
        sides: [Option<Oid>; 2],
        at: &str,
        matters: fn(&str) -> bool,
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
            let is_change = |entry: &&Entry| match entry.kind {
                Kind::File => matters(name),
                // Paths may lead through these, whatever they are called.
                Kind::Link | Kind::Submodule => true,
                Kind::Folder => false,
            };
            if entries.iter().flatten().any(is_change) {
                folders.insert(at.to_owned());
            }
            let inner = entries.map(|e| e.filter(|e| e.kind == Kind::Folder).map(|e| e.id));
            if inner[0] != inner[1] {
                let path = if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
                self.compare(inner, &path, matters, folders)?;
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
