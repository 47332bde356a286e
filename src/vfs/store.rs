//! What holds files by their paths: the disk, or a state of them that git keeps.
//!
//! Must not know what is looked for.

use super::input_error::InputError;
use super::read::read_file;
use crate::discover::walk::{Walked, walk};
use std::path::Path;

/// Files and folders by the paths that people give.
pub trait Vfs {
    fn is_folder(&self, path: &Path) -> bool;

    /// Is this the top folder of a repository, above which nothing belongs to it?
    fn is_top(&self, folder: &Path) -> bool;

    /// The names of all that is in a folder, sorted; none where there is no such folder.
    fn names(&self, folder: &Path) -> Vec<String>;

    /// Finds the files in a folder that are Refinery's.
    ///
    /// # Errors
    /// A folder, or a file with an extension of ours, cannot be read.
    fn walk(&self, root: &Path) -> Result<Walked, InputError>;

    /// Reads a whole file, which messages call `name`.
    ///
    /// # Errors
    /// It is missing, unreadable, too large, or no file.
    fn read(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError>;
}

/// The file system.
pub struct Disk;

impl Vfs for Disk {
    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn is_top(&self, folder: &Path) -> bool {
        folder.join(".git").exists()
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let entries = folder.read_dir().into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort_unstable();
        names
    }

    fn walk(&self, root: &Path) -> Result<Walked, InputError> {
        walk(root)
    }

    fn read(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
        read_file(path, name)
    }
}
