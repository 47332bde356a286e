//! Paths that stand in settings: none leaves the repository by its words. Where links lead is for
//! whoever reads the files.

use super::{SettingsError, SpannedPath};
use crate::vfs::path::join;
use std::path::{Path, PathBuf};

/// The folder of a settings file, and how far it lies below the folder that nothing may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    pub folder: PathBuf,
    /// Folders from the top of the repository, or the folder that a run was asked about, down to
    /// `folder`.
    pub depth: usize,
}

impl Home {
    /// # Errors
    /// A path leaves the top folder.
    pub fn check(&self, path: &SpannedPath) -> Result<(), SettingsError> {
        let straight = join("", &path.path);
        let up = straight.split('/').take_while(|part| *part == "..").count();
        if up <= self.depth {
            return Ok(());
        }
        let message = format!("`{}` leaves the repository", path.path);
        let help = "name a file of this repository, relative to the settings file";
        Err(SettingsError::new(path.span.clone(), message, "leads out of it", help))
    }

    /// Is a path of the settings below their own folder?
    pub fn holds(path: &SpannedPath) -> bool {
        !Path::new(&join("", &path.path)).starts_with("..")
    }
}
