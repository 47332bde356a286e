//! Writes reports, and replaces files.
//!
//! A file is replaced completely or not at all: the new text is written to a temporary file in the
//! same folder, which is then renamed. No file outside the repository is replaced.

use super::input_error::{InputError, InputProblem};
use super::path::name_of;
use super::read::read_file;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

/// Writes a whole file, or leaves it as it is. What is not a regular file, such as a device or a
/// pipe, is written to directly.
///
/// # Errors
/// The file cannot be written.
pub fn write_file(path: &Path, text: &str) -> Result<(), InputError> {
    let written = match path.metadata() {
        Ok(old) if old.is_file() => replace(&resolve(path), text, Some(&old)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
            replace(path, text, None)
        }
        _ => std::fs::write(path, text),
    };
    written.map_err(|error| unwritable(path, &error, "use a file in an existing, writable folder"))
}

/// The file that a path leads to, by links and through `..`; a missing file is in the folder
/// that its path leads to.
pub fn resolve(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize();
        match (folder, path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => path.to_path_buf(),
        }
    })
}

fn replace(target: &Path, text: &str, old: Option<&Metadata>) -> io::Result<()> {
    let new = temporary_file(target);
    let written = fill(&new, text.as_bytes(), target, old);
    let done = written.and_then(|()| std::fs::rename(&new, target));
    if done.is_err() {
        drop(std::fs::remove_file(&new));
    }
    done
}

/// Writes a new file, with the mode and owner of the one that it is to replace.
fn fill(new: &Path, bytes: &[u8], target: &Path, old: Option<&Metadata>) -> io::Result<()> {
    if old.is_some() {
        // A read-only file must not be replaced either, though renaming would work.
        OpenOptions::new().write(true).open(target)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(new)?;
    if let Some(old) = old {
        keep_owner(&file, old);
        file.set_permissions(old.permissions())?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}

/// A temporary file that will replace another; removed on drop unless committed.
#[derive(Debug)]
pub struct Replacement {
    target: PathBuf,
    new: PathBuf,
}

impl Replacement {
    /// Writes the new text to a temporary file with the mode and owner of the file to replace.
    ///
    /// # Errors
    /// The file is missing, has changed, is outside the repository (or, without one, the named
    /// folder), or cannot be written.
    pub fn prepare(name: &str, old: &str, new: &str) -> Result<Self, InputError> {
        let path = Path::new(name);
        if read_file(path, name)? != old.as_bytes() {
            let message =
                format!("`{name}` changed while it was being checked, so it was not fixed");
            let advice =
                "save it as UTF-8, make sure that no other program writes to it, and try again";
            return Err(InputError::new(InputProblem::Unreadable, message, advice));
        }
        let failed = |error| unwritable(path, &error, "make the file and its folder writable");
        let target = path.canonicalize().map_err(failed)?;
        let replacement = Self::within(name, target, "fixed")?;
        let old = replacement.target.metadata().map_err(failed)?;
        fill(&replacement.new, new.as_bytes(), &replacement.target, Some(&old)).map_err(failed)?;
        Ok(replacement)
    }

    /// Writes the text of a new file to a temporary one.
    ///
    /// # Errors
    /// The file exists, would be outside the repository (or, without one, the named folder), or
    /// cannot be written.
    pub fn create(name: &str, text: &str) -> Result<Self, InputError> {
        let path = Path::new(name);
        if path.symlink_metadata().is_ok() {
            let message = format!("`{name}` exists, so it was not written");
            return Err(InputError::new(InputProblem::Unreadable, message, "try again"));
        }
        let replacement = Self::within(name, resolve(path), "written")?;
        fill(&replacement.new, text.as_bytes(), &replacement.target, None)
            .map_err(|error| unwritable(path, &error, "make its folder writable"))?;
        Ok(replacement)
    }

    /// Nothing is written yet.
    fn within(name: &str, target: PathBuf, done: &str) -> Result<Self, InputError> {
        let path = Path::new(name);
        let folder = allowed_folder(path)
            .map_err(|error| unwritable(path, &error, "make its folder readable"))?;
        if target.starts_with(folder) {
            return Ok(Self { new: temporary_file(&target), target });
        }
        let message =
            format!("`{name}` links to a file outside the repository, so it was not {done}");
        Err(InputError::new(
            InputProblem::Unreadable,
            message,
            "run the command in the folder of that file, or edit it by hand",
        ))
    }

    /// Replaces the file.
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
        // After a commit it no longer exists.
        drop(std::fs::remove_file(&self.new));
    }
}

/// The name of a temporary file in the same folder.
fn temporary_file(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
    target.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

/// The canonical folder that a file must stay in: its repository; without one, the current folder
/// if the path is below it, or else the file's own folder.
fn allowed_folder(path: &Path) -> io::Result<PathBuf> {
    let here = std::env::current_dir()?;
    let is_below = path.is_relative() || path.starts_with(&here);
    let climbs = path.components().any(|part| part == Component::ParentDir);
    let folder = if is_below && !climbs { Some(&*here) } else { path.parent() };
    let folder = folder.unwrap_or(&here).canonicalize()?;
    let top = folder.ancestors().find(|folder| folder.join(".git").exists());
    Ok(top.map_or_else(|| folder.clone(), Path::to_path_buf))
}

/// Best effort: only root may give files away.
#[cfg(unix)]
fn keep_owner(file: &File, old: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    drop(fchown(file, Some(old.uid()), Some(old.gid())));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) {}

/// The error for a file that cannot be written.
pub fn unwritable(path: &Path, error: &std::io::Error, advice: &str) -> InputError {
    let message = format!("cannot write `{}`: {error}", name_of(path));
    InputError::new(InputProblem::Unreadable, message, advice)
}
