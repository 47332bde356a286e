//! A state of the files that git keeps, as a store: a commit's, or what is staged.
//!
//! Must not choose the state, nor touch the work tree.

use super::pair::may_pair;
use super::references::{Pointer, leading};
use super::trees::{Entry, GitTrees, Kind, check_depth};
use super::walk::{Found, Walked, is_foreign};
use crate::git::repository::{here, locate, straighten};
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{format_of, join, name_of};
use crate::vfs::read::{MAX_FILE, too_large};
use crate::vfs::store::Vfs;
use git2::{Oid, Repository};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// Links that lead to links are followed so far.
const MAX_LINKS: usize = 8;

/// One state.
pub struct Snapshot<'r> {
    repository: &'r Repository,
    trees: &'r GitTrees<'r>,
    root: Oid,
    /// What is said of a file that it lacks.
    lacks: String,
    /// The current folder as seen from the top of the repository.
    here: PathBuf,
    /// Where not everything counts: what does.
    around: Option<Around>,
}

/// What counts around folders in which something has changed.
struct Around {
    folders: BTreeSet<String>,
    /// Files, wherever they lie, from which a way leads there.
    leading: HashSet<String>,
}

impl<'r> Snapshot<'r> {
    /// The state with this top folder, which messages call `name`.
    pub fn new(repository: &'r Repository, trees: &'r GitTrees<'r>, root: Oid, name: &str) -> Self {
        let lacks = format!("is not in {name}");
        Self { repository, trees, root, lacks, here: here(repository), around: None }
    }

    /// Walks only where a file of these folders may find its other half, and to the files that name
    /// some of theirs.
    ///
    /// # Errors
    /// The repository lacks something.
    pub fn around(self, folders: BTreeSet<String>) -> Result<Self, InputError> {
        let naming = self.trees.naming(self.root)?;
        let words: Vec<_> =
            naming.iter().map(|(_, id)| self.trees.words(*id)).collect::<Result<_, _>>()?;
        let pointers = naming.iter().zip(&words);
        let pointers: Vec<_> =
            pointers.map(|((file, _), words)| Pointer { file: file.clone(), words }).collect();
        let leading = leading(&pointers, &folders);
        Ok(Self { around: Some(Around { folders, leading }), ..self })
    }

    /// The folders in which files with an extension of ours are not the same in another state.
    ///
    /// # Errors
    /// The repository lacks a folder.
    pub fn differing(&self, other: &Self) -> Result<BTreeSet<String>, InputError> {
        self.trees.differing(self.root, other.root)
    }

    /// What a file holds, by its id; none where there is no such file.
    pub fn id(&self, path: &Path) -> Option<Oid> {
        let entry = self.at(path).ok()?.1?;
        (entry.kind == Kind::File).then_some(entry.id)
    }

    fn missing(&self, name: &str) -> InputError {
        InputError::new(
            InputProblem::Missing,
            format!("`{name}` {}", self.lacks),
            "check the spelling, and whether git tracks it",
        )
    }

    fn top(&self) -> Entry {
        Entry::new(b"", self.root, Kind::Folder)
    }

    /// What is at a path, seen from the top; a link that is its last part is followed.
    fn find(&self, path: &Path, links: usize) -> Result<Option<Entry>, InputError> {
        let mut entry = self.top();
        for name in path {
            if entry.kind != Kind::Folder {
                return Ok(None);
            }
            let entries = self.trees.list(entry.id)?;
            match entries.iter().find(|entry| *entry.name == *name.to_string_lossy()) {
                Some(found) => entry = found.clone(),
                None => return Ok(None),
            }
        }
        if entry.kind == Kind::Link { self.follow(path, &entry, links) } else { Ok(Some(entry)) }
    }

    /// None where the link leads out of the state, or nowhere.
    fn follow(&self, path: &Path, link: &Entry, links: usize) -> Result<Option<Entry>, InputError> {
        let target = String::from_utf8_lossy(&self.trees.content(link.id)?).into_owned();
        let beside = path.parent().unwrap_or(Path::new(""));
        match straighten(&beside.join(target)) {
            Some(path) if links > 0 => self.find(&path, links - 1),
            _ => Ok(None),
        }
    }

    fn at(&self, path: &Path) -> Result<(PathBuf, Option<Entry>), InputError> {
        let path = locate(self.repository, &self.here, path)?;
        let entry = self.find(&path, MAX_LINKS)?;
        Ok((path, entry))
    }

    /// Visits a folder that people call `named` and that is at `path`, seen from the top.
    fn visit(
        &self,
        folder: Oid,
        path: &Path,
        named: &Path,
        walked: &mut Walked,
    ) -> Result<(), InputError> {
        let folder_name = name_within(path);
        check_depth(&folder_name)?;
        let counts = self.counts(&folder_name);
        let is_led = |name: &str| {
            let leading = self.around.as_ref().map(|around| &around.leading);
            leading.is_some_and(|leading| leading.contains(&join(&folder_name, name)))
        };
        for entry in self.trees.list(folder)?.iter() {
            let name = &entry.name;
            match entry.kind {
                Kind::Folder if !is_foreign(name) => {
                    let path = path.join(name);
                    if self.leads(&name_within(&path)) {
                        self.visit(entry.id, &path, &named.join(name), walked)?;
                    }
                }
                Kind::File | Kind::Link
                    if format_of(name).is_some() && (counts || is_led(name)) =>
                {
                    self.look_at(entry, &path.join(name), named.join(name), walked)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn look_at(
        &self,
        entry: &Entry,
        path: &Path,
        named: PathBuf,
        walked: &mut Walked,
    ) -> Result<(), InputError> {
        walked.looked_at += 1;
        let name = name_of(&named);
        let target = match entry.kind {
            Kind::Link => self.follow(path, entry, MAX_LINKS)?,
            _ => Some(entry.clone()),
        };
        let Some(target) = target else {
            walked
                .notices
                .push(format!("{name}: not looked at, it is a link that leads out of git"));
            return Ok(());
        };
        if target.kind == Kind::File
            && let Some(sort) = self.trees.sort(target.id, format_of(&name))?
        {
            walked.found.push(Found { path: named, name, sort });
        }
        Ok(())
    }

    /// Do all files of this folder matter?
    fn counts(&self, folder: &str) -> bool {
        let near = |around: &Around| around.folders.iter().any(|near| may_pair(near, folder));
        self.around.as_ref().is_none_or(near)
    }

    /// Does the way to files that matter go through this folder?
    fn leads(&self, folder: &str) -> bool {
        let is_above =
            |path: &String| path.strip_prefix(folder).is_some_and(|r| r.starts_with('/'));
        let is_way = |around: &Around| around.folders.iter().chain(&around.leading).any(is_above);
        self.counts(folder) || self.around.as_ref().is_some_and(is_way)
    }
}

/// A path inside the repository as text; empty at the top.
fn name_within(path: &Path) -> String {
    if path.as_os_str().is_empty() { String::new() } else { name_of(path) }
}

impl Vfs for Snapshot<'_> {
    fn is_folder(&self, path: &Path) -> bool {
        let entry = self.at(path).ok().and_then(|(_, entry)| entry);
        entry.is_some_and(|entry| entry.kind == Kind::Folder)
    }

    fn is_top(&self, folder: &Path) -> bool {
        locate(self.repository, &self.here, folder).is_ok_and(|path| path.as_os_str().is_empty())
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let entry = self.at(folder).ok().and_then(|(_, entry)| entry);
        let folder = entry.filter(|entry| entry.kind == Kind::Folder);
        let entries = folder.and_then(|folder| self.trees.list(folder.id).ok());
        let mut names: Vec<String> =
            entries.iter().flat_map(|list| list.iter()).map(|entry| entry.name.clone()).collect();
        names.sort_unstable();
        names
    }

    fn walk(&self, root: &Path) -> Result<Walked, InputError> {
        let (path, entry) = self.at(root)?;
        let folder = entry.ok_or_else(|| self.missing(&name_of(root)))?;
        let mut walked = Walked::default();
        if self.around.as_ref().is_some_and(|around| around.folders.is_empty()) {
            return Ok(walked);
        }
        self.visit(folder.id, &path, root, &mut walked)?;
        Ok(walked)
    }

    fn read(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
        let file = self.at(path)?.1.filter(|entry| entry.kind == Kind::File);
        let file = file.ok_or_else(|| self.missing(name))?;
        if self.trees.size(file.id)? > MAX_FILE {
            return Err(too_large(name));
        }
        self.trees.content(file.id)
    }
}
