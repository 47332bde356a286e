//! What lies around a container: other files, read when somebody asks for them.
//!
//! A file is put on the shelf once, whoever asks. Must not know why it is wanted.

use super::loaded::{LoadedFile, LoadedFiles};
use crate::span::FileId;
use crate::vfs::Vfs;
use crate::vfs::decode::decode;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::format_of;
use std::path::Path;

/// The store that a container is from, and the shelf that it stands on.
pub struct Loader<'a> {
    pub store: &'a dyn Vfs,
    pub shelf: &'a mut LoadedFiles,
}

impl Loader<'_> {
    /// A file by its name; none where there is none.
    ///
    /// # Errors
    /// It cannot be read, or all files together are too large.
    pub fn file(&mut self, name: &str) -> Result<Option<LoadedFile>, InputError> {
        absent_is_none(self.demand(name))
    }

    /// A file that has to be there.
    ///
    /// # Errors
    /// It is not, it cannot be read, or all files together are too large.
    pub fn demand(&mut self, name: &str) -> Result<LoadedFile, InputError> {
        if let Some(known) = self.shelf.find(name) {
            return Ok(known.clone());
        }
        let bytes = self.store.read(Path::new(name), name)?;
        self.shelf.put(name, format_of(name), bytes)
    }

    /// The text of a file with its number; none where there is none.
    ///
    /// # Errors
    /// As those of [`Self::file`].
    pub fn text(&mut self, name: &str) -> Result<Option<(FileId, String)>, InputError> {
        let file = self.file(name)?.map(|shelved| shelved.source.file);
        Ok(file.map(|file| (file, self.shelf.files.get(file).text.clone())))
    }

    /// The same, where a file may as well lie out of sight: then there is none.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn text_in_sight(&mut self, name: &str) -> Result<Option<(FileId, String)>, InputError> {
        match self.text(name) {
            Err(error) if error.problem.is_absence() => Ok(None),
            text => text,
        }
    }

    /// The text alone, without a place on the shelf: for whoever wants to know whether it is worth one.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn peek(&self, name: &str) -> Result<Option<String>, InputError> {
        if let Some(known) = self.shelf.find(name) {
            return Ok(Some(self.shelf.files.get(known.source.file).text.clone()));
        }
        let bytes = absent_is_none(self.store.read(Path::new(name), name))?;
        Ok(bytes.map(|bytes| decode(bytes, format_of(name)).text))
    }

    pub fn is_folder(&self, name: &str) -> bool {
        self.store.is_folder(here(name))
    }

    /// The names of all that is in a folder, sorted; none where there is no such folder.
    pub fn names(&self, folder: &str) -> Vec<String> {
        self.store.names(here(folder))
    }
}

fn absent_is_none<T>(result: Result<T, InputError>) -> Result<Option<T>, InputError> {
    match result {
        Err(error) if error.problem == InputProblem::Missing => Ok(None),
        result => result.map(Some),
    }
}

/// The folder that one starts from has no name.
fn here(folder: &str) -> &Path {
    Path::new(if folder.is_empty() { "." } else { folder })
}
