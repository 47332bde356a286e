//! Reads files that a container file refers to, on demand.
//!
//! Each file is loaded once. Must not know why it is read.

use super::loaded::{LoadedFile, LoadedFiles};
use crate::span::FileId;
use crate::vfs::decode::decode;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{folder_path, format_of, join, split};
use crate::vfs::{Skip, Vfs};
use std::path::Path;
use strsim::levenshtein;

/// A file system and the files loaded from it.
pub struct Loader<'a> {
    pub store: &'a dyn Vfs,
    pub loaded: &'a mut LoadedFiles,
}

impl Loader<'_> {
    /// Loads a file; `None` if it does not exist.
    ///
    /// # Errors
    /// It cannot be read, or all files together are too large.
    pub fn file(&mut self, name: &str) -> Result<Option<LoadedFile>, InputError> {
        absent_is_none(self.demand(name))
    }

    /// Loads a file that must exist.
    ///
    /// # Errors
    /// It does not exist, cannot be read, or all files together are too large.
    pub fn demand(&mut self, name: &str) -> Result<LoadedFile, InputError> {
        if let Some(known) = self.loaded.find(name) {
            return Ok(known.clone());
        }
        let bytes = self.store.read(Path::new(name), name)?;
        self.loaded.put(name, format_of(name), bytes)
    }

    /// The id and text of a file; `None` if it does not exist.
    ///
    /// # Errors
    /// As those of [`Self::file`].
    pub fn text(&mut self, name: &str) -> Result<Option<(FileId, String)>, InputError> {
        let file = self.file(name)?.map(|loaded| loaded.source.file);
        Ok(file.map(|file| (file, self.loaded.files.get(file).text.clone())))
    }

    /// The same, but also `None` for a file outside of what may be read.
    ///
    /// # Errors
    /// It exists but cannot be read.
    pub fn text_in_sight(&mut self, name: &str) -> Result<Option<(FileId, String)>, InputError> {
        match self.text(name) {
            Err(error) if error.problem.is_absence() => Ok(None),
            text => text,
        }
    }

    /// Reads a text without loading the file, to find out whether it matters.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn peek(&self, name: &str) -> Result<Option<String>, InputError> {
        if let Some(known) = self.loaded.find(name) {
            return Ok(Some(self.loaded.files.get(known.source.file).text.clone()));
        }
        let bytes = absent_is_none(self.store.read(Path::new(name), name))?;
        Ok(bytes.map(|bytes| decode(bytes, format_of(name)).text))
    }

    /// Whether git ignores a file.
    pub fn is_ignored(&self, name: &str) -> bool {
        self.loaded.ignored.has(name)
    }

    pub fn is_folder(&self, name: &str) -> bool {
        self.store.is_folder(folder_path(name))
    }

    /// The folders in a folder, the one around it, and those next to it.
    pub fn adjacent(&self, folder: &str) -> Vec<String> {
        let within = |parent: &str| {
            let names = self.names(parent).into_iter().map(|name| join(parent, &name));
            let is_walked = |name: &String| Skip::of_name(split(name).1, true).is_none();
            names.filter(is_walked).filter(|name| self.is_folder(name)).collect::<Vec<_>>()
        };
        let mut all = within(folder);
        if !folder.is_empty() {
            let parent = split(folder).0.to_owned();
            all.extend(within(&parent).into_iter().filter(|name| name != folder));
            all.push(parent);
        }
        all
    }

    /// Whether a folder has something with nearly this name.
    pub fn has_similar(&self, folder: &str, name: &str) -> bool {
        self.names(folder).iter().any(|known| is_similar(known, name))
    }

    /// Whether a file or folder has this name, anywhere in the repository around a folder.
    pub fn has_anywhere(&self, folder: &str, name: &str) -> bool {
        self.loaded.names.has(self.store, folder, name)
    }

    /// The sorted names of all entries of a folder; empty if it does not exist.
    pub fn names(&self, folder: &str) -> Vec<String> {
        self.store.names(folder_path(folder))
    }
}

/// Whether two names differ by a few letters only.
pub fn is_similar(one: &str, other: &str) -> bool {
    /// The maximum number of wrong letters.
    const MOST_TYPOS: usize = 2;
    levenshtein(one, other) <= MOST_TYPOS
}

fn absent_is_none<T>(result: Result<T, InputError>) -> Result<Option<T>, InputError> {
    match result {
        Err(error) if error.problem == InputProblem::Missing => Ok(None),
        result => result.map(Some),
    }
}
