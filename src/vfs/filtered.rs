//! A view of another store that hides some of its files.

use super::input_error::{InputError, InputProblem};
use super::path::{join, name_of};
use super::{Vfs, Walk};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A store with some files hidden.
pub struct FilteredVfs<'v> {
    vfs: &'v dyn Vfs,
    hidden: BTreeSet<String>,
}

impl<'v> FilteredVfs<'v> {
    pub fn new(vfs: &'v dyn Vfs, files: &[PathBuf]) -> Self {
        Self { vfs, hidden: files.iter().map(|file| normalized(file)).collect() }
    }

    fn hides(&self, path: &Path) -> bool {
        self.hidden.contains(&normalized(path))
    }
}

/// The normalized name, whichever way the path is written.
fn normalized(path: &Path) -> String {
    join("", &name_of(path))
}

impl Vfs for FilteredVfs<'_> {
    fn is_folder(&self, path: &Path) -> bool {
        self.vfs.is_folder(path)
    }

    fn is_top(&self, folder: &Path) -> bool {
        self.vfs.is_top(folder)
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let mut names = self.vfs.names(folder);
        names.retain(|name| !self.hides(&folder.join(name)));
        names
    }

    fn walk(&self, root: &Path, is_wanted: fn(&str) -> bool) -> Result<Walk, InputError> {
        let mut walk = self.vfs.walk(root, is_wanted)?;
        walk.files.retain(|file| !self.hides(&file.path));
        Ok(walk)
    }

    fn read(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
        if self.hides(path) {
            let message = format!("`{name}` is hidden");
            return Err(InputError::new(InputProblem::Missing, message, ""));
        }
        self.vfs.read(path, name)
    }

    fn head(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
        self.vfs.head(path, name)
    }
}
