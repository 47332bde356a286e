//! A state of the files in git, as a store: a commit or the index.
//!
//! Must not choose the state. Reads the work tree only for filtered files.

use super::entry::{Entry, Kind};
use super::filters::is_filtered;
use super::repository::{locate, normalize};
use super::trees::{GitTrees, Visit, check_depth};
use crate::vfs::boundary::outside;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{name_of, text_of};
use crate::vfs::read::{HEAD, MAX_FILE, too_large};
use crate::vfs::{Skip, Vfs, Walk, WalkedFile};
use git2::{Oid, Repository};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The longest chain of symbolic links that is followed.
const MAX_LINKS: usize = 8;

/// One state of the files.
pub struct Snapshot<'r> {
    repository: &'r Repository,
    trees: &'r GitTrees<'r>,
    root: Oid,
    /// What messages say about a missing file.
    absence: String,
    /// The part to walk; `None` for everything.
    scope: Option<Box<dyn Scope + 'r>>,
}

/// The part of a state to walk. Paths are relative to the root, whose path is empty.
pub trait Scope {
    fn is_empty(&self) -> bool;

    /// Whether it contains all files of this folder.
    fn holds_folder(&self, folder: &str) -> bool;

    /// Whether it contains this file, whatever its folder.
    fn holds_file(&self, path: &str) -> bool;

    /// Whether it contains something below this folder.
    fn leads_through(&self, folder: &str) -> bool;
}

impl<'r> Snapshot<'r> {
    /// The state with this root tree. Messages call it `name`.
    pub fn new(repository: &'r Repository, trees: &'r GitTrees<'r>, root: Oid, name: &str) -> Self {
        let absence = format!("is not in {name}");
        Self { repository, trees, root, absence, scope: None }
    }

    /// The same state, without a scope.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { absence: self.absence.clone(), scope: None, ..*self }
    }

    /// The same state, of which only a part is walked.
    #[must_use]
    pub fn scoped(self, scope: impl Scope + 'r) -> Self {
        Self { scope: Some(Box::new(scope)), ..self }
    }

    /// The id of its root tree.
    pub fn root(&self) -> Oid {
        self.root
    }

    /// The folders in which entries differ from another state.
    ///
    /// # Errors
    /// A tree is missing.
    pub fn differing(
        &self,
        other: &Self,
        visit: &Visit<'_>,
    ) -> Result<BTreeSet<String>, InputError> {
        self.trees.differing(self.root, other.root, visit)
    }

    /// The id of a file's content, or of the submodule that contains it; `None` if there is no such
    /// file.
    pub fn id(&self, path: &Path) -> Option<Oid> {
        let entry = self.at(path).ok()?.1?;
        matches!(entry.kind, Kind::File | Kind::Submodule).then_some(entry.id)
    }

    fn missing(&self, name: &str) -> InputError {
        InputError::new(
            InputProblem::Missing,
            format!("`{name}` {}", self.absence),
            "check the spelling, and that git tracks the file",
        )
    }

    fn top(&self) -> Entry {
        Entry::new(b"", self.root, Kind::Folder)
    }

    /// The entry at a path relative to the root. A link in its last part is followed, too.
    fn find(&self, path: &Path, links: usize) -> Result<Option<Entry>, InputError> {
        let (mut entry, mut passed) = (self.top(), PathBuf::new());
        let mut names = path.iter();
        while let Some(name) = names.next() {
            if entry.kind != Kind::Folder {
                // A submodule stands for all files in it.
                return Ok(Some(entry).filter(|entry| entry.kind == Kind::Submodule));
            }
            let text = text_of(name.as_encoded_bytes());
            let entries = self.trees.list(entry.id)?;
            match entries.iter().find(|entry| *entry.name == *text) {
                Some(found) => entry = found.clone(),
                None => return Ok(None),
            }
            passed.push(&*text);
            if entry.kind == Kind::Link {
                return match self.target(&passed, &entry)? {
                    Some(target) if links > 0 => {
                        self.find(&target.join(names.as_path()), links - 1)
                    }
                    _ => Ok(None),
                };
            }
        }
        Ok(Some(entry))
    }

    /// The target of a link, relative to the root; `None` if it is outside the repository.
    fn target(&self, path: &Path, link: &Entry) -> Result<Option<PathBuf>, InputError> {
        let target = self.trees.content(link.id)?;
        let beside = path.parent().unwrap_or(Path::new(""));
        Ok(normalize(&beside.join(&*text_of(&target))))
    }

    fn at(&self, path: &Path) -> Result<(PathBuf, Option<Entry>), InputError> {
        let path = locate(self.repository, self.trees.here(), path)?;
        let entry = self.find(&path, MAX_LINKS)?;
        Ok((path, entry))
    }

    /// Visits the folder at `path`, relative to the root; messages call it `named`.
    fn visit(
        &self,
        folder: Oid,
        path: &Path,
        named: &Path,
        is_wanted: fn(&str) -> bool,
        walk: &mut Walk,
    ) -> Result<(), InputError> {
        let folder_name = name_within(path);
        check_depth(&folder_name)?;
        let scope = self.scope.as_deref();
        let is_whole = scope.is_none_or(|scope| scope.holds_folder(&folder_name));
        for entry in self.trees.list(folder)?.iter() {
            let name = &entry.name;
            let named = named.join(name);
            match (entry.kind, Skip::of_name(name, true)) {
                (Kind::Submodule, _) => walk.skipped.push((name_of(&named), Skip::Submodule)),
                (Kind::Folder, Some(skip)) => walk.skipped.push((name_of(&named), skip)),
                (Kind::Folder, None) => {
                    let path = path.join(name);
                    if scope.is_none_or(|scope| scope.leads_through(&name_within(&path))) {
                        self.visit(entry.id, &path, &named, is_wanted, walk)?;
                    }
                }
                (Kind::File | Kind::Link, _) => {
                    let path = path.join(name);
                    // Any folder of files may have been where a link leads nowhere.
                    let is_lost = || {
                        entry.kind == Kind::Link && matches!(self.find(&path, MAX_LINKS), Ok(None))
                    };
                    if !is_wanted(&name_within(&path)) && !is_lost() {
                        continue;
                    }
                    let is_led = || scope.is_some_and(|s| s.holds_file(&name_within(&path)));
                    if is_whole || is_led() {
                        walk.files.extend(self.file(entry, &path, named)?);
                    }
                }
            }
        }
        Ok(())
    }

    /// `None` for a link to a folder.
    fn file(
        &self,
        entry: &Entry,
        path: &Path,
        named: PathBuf,
    ) -> Result<Option<WalkedFile>, InputError> {
        let target = match entry.kind {
            Kind::Link => self.find(path, MAX_LINKS)?,
            _ => Some(entry.clone()),
        };
        let is_folder = target.as_ref().is_some_and(|target| target.kind == Kind::Folder);
        let name = name_of(&named);
        let leads_out = target.is_none();
        // The id of a filtered file stands for other bytes than the work tree has.
        let is_staged = self.trees.is_staged(self.root);
        let target = target.filter(|_| !is_staged || !is_filtered(self.repository, path));
        let id = target.and_then(|target| target.id.as_bytes().try_into().ok());
        Ok((!is_folder).then_some(WalkedFile { path: named, name, id, leads_out }))
    }

    /// Whether there is a link at this path that leads out of the state.
    fn leads_out(&self, path: &Path) -> bool {
        let folder = path.parent().and_then(|folder| self.find(folder, MAX_LINKS).ok().flatten());
        let entries = folder.and_then(|folder| self.trees.list(folder.id).ok());
        let name = path.file_name().map(|name| text_of(name.as_encoded_bytes()));
        let is_link =
            |entry: &Entry| Some(&*entry.name) == name.as_deref() && entry.kind == Kind::Link;
        entries.is_some_and(|entries| entries.iter().any(is_link))
    }
}

fn in_submodule(name: &str) -> InputError {
    InputError::new(
        InputProblem::Unreadable,
        format!("`{name}` is in a submodule, whose files are not part of this repository"),
        "check it in the submodule's own repository instead",
    )
}

/// A path in the repository as text; empty at the root.
pub fn name_within(path: &Path) -> String {
    if path.as_os_str().is_empty() { String::new() } else { name_of(path) }
}

impl Vfs for Snapshot<'_> {
    fn is_folder(&self, path: &Path) -> bool {
        let entry = self.at(path).ok().and_then(|(_, entry)| entry);
        entry.is_some_and(|entry| entry.kind == Kind::Folder)
    }

    fn is_top(&self, folder: &Path) -> bool {
        locate(self.repository, self.trees.here(), folder)
            .is_ok_and(|path| path.as_os_str().is_empty())
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

    fn walk(&self, root: &Path, is_wanted: fn(&str) -> bool) -> Result<Walk, InputError> {
        let (path, entry) = self.at(root)?;
        let folder = entry.ok_or_else(|| self.missing(&name_of(root)))?;
        if folder.kind == Kind::Submodule {
            return Err(in_submodule(&name_of(root)));
        }
        let mut walk = Walk::default();
        if !self.scope.as_ref().is_some_and(|scope| scope.is_empty()) {
            self.visit(folder.id, &path, root, is_wanted, &mut walk)?;
        }
        Ok(walk)
    }

    fn read(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
        let (path, entry) = self.at(path)?;
        if entry.as_ref().is_some_and(|entry| entry.kind == Kind::Submodule) {
            return Err(in_submodule(name));
        }
        let Some(file) = entry.filter(|entry| entry.kind == Kind::File) else {
            let leads_out = self.leads_out(&path);
            return Err(if leads_out { outside(name) } else { self.missing(name) });
        };
        if let Some(bytes) = self.trees.unfiltered(self.root, &path) {
            return Ok(bytes);
        }
        if self.trees.size(file.id)? > MAX_FILE {
            return Err(too_large(name));
        }
        self.trees.content(file.id)
    }

    fn head(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
        let file = self.at(path)?.1.filter(|entry| entry.kind == Kind::File);
        let mut head = self.trees.content(file.ok_or_else(|| self.missing(name))?.id)?;
        head.truncate(usize::try_from(HEAD).unwrap_or(usize::MAX));
        Ok(head)
    }
}
