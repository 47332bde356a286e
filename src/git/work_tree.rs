//! Files on the disk, except those that git ignores.

use super::ignored::Ignored;
use super::repository::locate;
use super::snapshot::{Scope, name_within};
use super::trees::GitTrees;
use crate::notice::Notice;
use crate::vfs::boundary::{Boundary, outside};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{name_of, raw, split, text_of};
use crate::vfs::read::{read_file, read_head, unreadable};
use crate::vfs::{Skip, Vfs, Walk, WalkedFile};
use git2::Repository;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// The file system, within a boundary if there is one.
#[derive(Debug, Default)]
pub struct Disk {
    boundary: Option<Boundary>,
    /// The names in folders that were asked for: scripts ask for those of one folder in every line.
    names: RefCell<HashMap<PathBuf, Vec<String>>>,
    /// Whether paths are folders: every object asks for the folders near its file.
    folders: RefCell<HashMap<PathBuf, bool>>,
}

impl Disk {
    /// The file system within the boundary of these paths.
    pub fn within(paths: &[PathBuf]) -> Self {
        Self { boundary: Some(Boundary::around(paths)), ..Self::default() }
    }

    fn may_read(&self, path: &Path) -> bool {
        self.boundary.as_ref().is_none_or(|boundary| boundary.allows(path))
    }
}

impl Vfs for Disk {
    fn is_folder(&self, path: &Path) -> bool {
        if let Some(known) = self.folders.borrow().get(path) {
            return *known;
        }
        let is_folder = raw(path).is_dir();
        self.folders.borrow_mut().insert(path.to_owned(), is_folder);
        is_folder
    }

    fn is_top(&self, folder: &Path) -> bool {
        folder.join(".git").exists()
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        if let Some(known) = self.names.borrow().get(folder) {
            return known.clone();
        }
        let entries = raw(folder).read_dir().into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| text_of(entry.file_name().as_encoded_bytes()).into_owned())
            .collect();
        names.sort_unstable();
        self.names.borrow_mut().insert(folder.to_owned(), names.clone());
        names
    }

    fn walk(&self, root: &Path, is_wanted: fn(&str) -> bool) -> Result<Walk, InputError> {
        self.walk_part(root, is_wanted, &|_, _| true)
    }

    fn read(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
        let path = raw(path);
        if !self.may_read(&path) {
            return Err(outside(name));
        }
        read_file(&path, name)
    }

    fn head(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
        let path = raw(path);
        if self.may_read(&path) { read_head(&path, name) } else { Err(outside(name)) }
    }
}

impl Disk {
    /// Walks the part that contains a path, relative to the root; the second argument says whether it
    /// is a folder. Links to folders are not followed, so a cycle of links cannot trap the walk.
    fn walk_part(
        &self,
        root: &Path,
        is_wanted: fn(&str) -> bool,
        is_in_part: &dyn Fn(&Path, bool) -> bool,
    ) -> Result<Walk, InputError> {
        let mut walk = Walk::default();
        let ignored = Ignored::around(root).unwrap_or_else(|why| {
            let root = name_of(root);
            let what = format!(
                "cannot read git's ignore rules, so ignored files are checked, too ({why})"
            );
            walk.notices.push(Notice::on(root, what));
            None
        });
        let mut skipped = Vec::new();
        let enters = |entry: &DirEntry| {
            if entry.depth() == 0 {
                return true;
            }
            let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let is_folder = entry.file_type().is_dir();
            let is_ignored =
                || ignored.as_ref().is_some_and(|ignored| ignored.covers_as(relative, is_folder));
            let name = entry.file_name().to_string_lossy();
            if !is_folder {
                // Any folder of files may have been where a link leads nowhere.
                let is_lost = entry.path_is_symlink() && !entry.path().exists();
                return (is_lost || is_wanted(&entry.path().to_string_lossy()))
                    && is_in_part(relative, false)
                    && !is_ignored();
            }
            let by_name = Skip::of_name(&name, ignored.is_some());
            if by_name.is_none() && !is_in_part(relative, true) {
                return false;
            }
            let skip = by_name.or_else(|| is_ignored().then_some(Skip::Ignored));
            skipped.extend(skip.map(|skip| (name_of(entry.path()), skip)));
            skip.is_none()
        };
        for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(enters) {
            let entry = entry.map_err(|error| cannot_walk(root, error))?;
            let is_link = entry.path_is_symlink();
            if entry.file_type().is_dir() || is_link && entry.path().is_dir() {
                continue;
            }
            let name = name_of(entry.path());
            let leads_out = is_link && (!self.may_read(entry.path()) || !entry.path().exists());
            walk.files.push(WalkedFile { path: entry.into_path(), name, id: None, leads_out });
        }
        walk.skipped = skipped;
        Ok(walk)
    }
}

/// The part of a work tree that a scope contains. Everything can be read.
pub struct ScopedDisk<'d> {
    disk: Disk,
    repository: &'d Repository,
    /// The current folder, relative to the root of the repository.
    here: &'d Path,
    scope: Box<dyn Scope + 'd>,
}

impl<'d> ScopedDisk<'d> {
    pub fn new(
        disk: Disk,
        repository: &'d Repository,
        trees: &'d GitTrees<'_>,
        scope: impl Scope + 'd,
    ) -> Self {
        Self { disk, repository, here: trees.here(), scope: Box::new(scope) }
    }
}

impl Vfs for ScopedDisk<'_> {
    fn is_folder(&self, path: &Path) -> bool {
        self.disk.is_folder(path)
    }

    fn is_top(&self, folder: &Path) -> bool {
        self.disk.is_top(folder)
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        self.disk.names(folder)
    }

    fn walk(&self, root: &Path, is_wanted: fn(&str) -> bool) -> Result<Walk, InputError> {
        if self.scope.is_empty() {
            return Ok(Walk::default());
        }
        let top = locate(self.repository, self.here, root)?;
        let is_in_part = |relative: &Path, is_folder: bool| {
            let path = name_within(&top.join(relative));
            let folder = split(&path).0;
            if is_folder {
                return self.scope.leads_through(&path);
            }
            self.scope.holds_folder(folder) || self.scope.holds_file(&path)
        };
        self.disk.walk_part(root, is_wanted, &is_in_part)
    }

    fn read(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
        self.disk.read(path, name)
    }

    fn head(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
        self.disk.head(path, name)
    }
}

fn cannot_walk(root: &Path, error: walkdir::Error) -> InputError {
    let name = name_of(error.path().unwrap_or(root));
    let message = error.to_string();
    match error.into_io_error() {
        Some(error) => unreadable(&name, &error),
        None => unreadable(&name, &io::Error::other(message)),
    }
}
