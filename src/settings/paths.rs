//! Paths in settings: none may lead out of the repository. Symbolic links are checked when the
//! files are read.

use super::{SettingsError, SpannedPath};
use crate::vfs::path::join;
use std::path::{Path, PathBuf};

/// The folder of a settings file, and its depth below the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFolder {
    pub folder: PathBuf,
    /// The number of folders from the root of the repository, or from the checked folder, down to
    /// `folder`.
    pub depth: usize,
}

impl SettingsFolder {
    /// # Errors
    /// The path leads above the root.
    pub fn check(&self, path: &SpannedPath) -> Result<(), SettingsError> {
        let straight = join("", &path.path);
        let up = straight.split('/').take_while(|part| *part == "..").count();
        if up <= self.depth {
            return Ok(());
        }
        let message = format!("`{}` is outside the repository", path.path);
        let help = "use a file in this repository, relative to the settings file";
        Err(SettingsError::new(path.span.clone(), message, "leads out of the repository", help))
    }

    /// Whether a path is in the folder of the settings.
    pub fn holds(path: &SpannedPath) -> bool {
        !Path::new(&join("", &path.path)).starts_with("..")
    }
}
