//! Writing: reports, and files in place of older ones.
//!
//! A file is replaced as a whole or not at all: the new one is written beside it and takes its
//! name. Nothing outside the repository is written to.

use super::input_error::{InputError, InputProblem};
use super::path::name_of;
use super::read::read_file;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

/// Writes a whole file.
///
/// # Errors
/// The place cannot be written.
pub fn write_file(path: &Path, text: &str) -> Result<(), InputError> {
    std::fs::write(path, text).map_err(|error| {
        unwritable(path, &error, "name a file in a folder that exists and may be written to")
    })
}

/// A new text beside the file that it will replace; goes away unless it does.
#[derive(Debug)]
pub struct Replacement {
    target: PathBuf,
    new: PathBuf,
}

impl Replacement {
    /// Writes a new text beside a file that still holds the old one, with its mode and owner.
    ///
    /// # Errors
    /// The file is not there, holds something else by now, lies outside the repository (or, where
    /// there is none, the folder that was named), or cannot be written.
    pub fn prepare(name: &str, old: &str, new: &str) -> Result<Self, InputError> {
        let path = Path::new(name);
        if read_file(path, name)? != old.as_bytes() {
            let message = format!("`{name}` has changed since it was read, so it was not fixed");
            let advice =
                "save it as UTF-8, make sure that nothing else writes to it, and try again";
            return Err(InputError::new(InputProblem::Unreadable, message, advice));
        }
        let failed = |error| unwritable(path, &error, "make the file and its folder writable");
        let target = path.canonicalize().map_err(failed)?;
        if !target.starts_with(home_of(path).map_err(failed)?) {
            let message = format!("`{name}` is a link out of the repository, so it was not fixed");
            return Err(InputError::new(
                InputProblem::Unreadable,
                message,
                "run `--fix` where the file lies, or fix it by hand",
            ));
        }
        let replacement = Self { new: neighbour(&target), target };
        replacement.fill(new.as_bytes()).map_err(failed)?;
        Ok(replacement)
    }

    fn fill(&self, bytes: &[u8]) -> io::Result<()> {
        // A file that may not be written to is not replaced either.
        let metadata = OpenOptions::new().write(true).open(&self.target)?.metadata()?;
        let mut file = OpenOptions::new().write(true).create_new(true).open(&self.new)?;
        keep_owner(&file, &metadata);
        file.set_permissions(metadata.permissions())?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    /// Puts the new text in the place of the old one.
    ///
    /// # Errors
    /// The folder does not allow it.
    pub fn commit(self) -> Result<(), InputError> {
        std::fs::rename(&self.new, &self.target).map_err(|error| {
            unwritable(&self.target, &error, "make the file and its folder writable")
        })
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // After a commit there is none.
        drop(std::fs::remove_file(&self.new));
    }
}

/// A name that no other file has, in the same folder.
fn neighbour(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
    target.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

/// The folder that a file as it is named belongs to, links resolved: the repository, else the
/// current folder for what is below it, else the file's own.
fn home_of(path: &Path) -> io::Result<PathBuf> {
    let here = std::env::current_dir()?;
    let is_below = path.is_relative() || path.starts_with(&here);
    let climbs = path.components().any(|part| part == Component::ParentDir);
    let folder = if is_below && !climbs { Some(&*here) } else { path.parent() };
    let folder = folder.unwrap_or(&here).canonicalize()?;
    let top = folder.ancestors().find(|folder| folder.join(".git").exists());
    Ok(top.map_or_else(|| folder.clone(), Path::to_path_buf))
}

/// As far as the system allows it.
#[cfg(unix)]
fn keep_owner(file: &File, old: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    drop(fchown(file, Some(old.uid()), Some(old.gid())));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) {}

/// Says that writing failed, and what to do.
pub fn unwritable(path: &Path, error: &std::io::Error, advice: &str) -> InputError {
    let message = format!("`{}` cannot be written: {error}", name_of(path));
    InputError::new(InputProblem::Unreadable, message, advice)
}
