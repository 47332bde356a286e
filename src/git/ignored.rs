//! What git ignores below one folder.
//!
//! Must not look at anything else in a repository.

use crate::vfs::path::split;
use git2::{ErrorCode, Repository};
use std::path::{Path, PathBuf};

/// Does git ignore a file in a folder that is there, whether or not the file is?
pub fn is_ignored(name: &str) -> bool {
    let (folder, file) = split(name);
    let folder = if folder.is_empty() { "." } else { folder };
    let ignored = Ignored::around(Path::new(folder)).ok().flatten();
    ignored.is_some_and(|ignored| ignored.covers(Path::new(file)))
}

/// The rules of the repository around a walked folder.
pub struct Ignored {
    repository: Repository,
    index: Option<git2::Index>,
    /// The walked folder, as seen from the repository's work tree.
    prefix: PathBuf,
}

impl Ignored {
    /// Finds the repository around `root`. None where there is none, where it has no work tree, or
    /// where it ignores the folder itself: who names that folder wants it looked at.
    ///
    /// # Errors
    /// One line that says why git cannot open the repository; nothing counts as ignored then.
    pub fn around(root: &Path) -> Result<Option<Self>, String> {
        let repository = match Repository::discover(root) {
            Ok(repository) => repository,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(error.message().to_owned()),
        };
        Ok(Self::within(repository, root).filter(|ignored| !ignored.is_root_ignored()))
    }

    fn within(repository: Repository, root: &Path) -> Option<Self> {
        let tree = repository.workdir()?.canonicalize().ok()?;
        let prefix = root.canonicalize().ok()?.strip_prefix(tree).ok()?.to_owned();
        let index = repository.index().ok();
        Some(Self { repository, index, prefix })
    }

    fn is_root_ignored(&self) -> bool {
        let is_tree = self.prefix.as_os_str().is_empty();
        !is_tree && self.repository.is_path_ignored(&self.prefix).unwrap_or(false)
    }

    /// Does git ignore this path, which is relative to the walked folder? What it tracks it does not
    /// ignore, nor a folder with something tracked in it.
    pub fn covers(&self, relative: &Path) -> bool {
        let path = self.prefix.join(relative);
        self.repository.is_path_ignored(&path).unwrap_or(false) && !self.is_tracked(&path)
    }

    fn is_tracked(&self, path: &Path) -> bool {
        let Some(index) = &self.index else { return false };
        index.get_path(path, 0).is_some() || index.find_prefix(path.join("")).is_ok()
    }
}
