//! Where a report goes when it does not go to standard output.

use super::input_error::{InputError, InputProblem};
use super::path::name_of;
use super::read::read_file;
use std::path::Path;

/// Writes a whole file.
///
/// # Errors
/// The place cannot be written.
pub fn write_file(path: &Path, text: &str) -> Result<(), InputError> {
    std::fs::write(path, text).map_err(|error| {
        unwritable(path, &error, "name a file in a folder that exists and may be written to")
    })
}

/// Puts a new text into a file that still holds the old one.
///
/// # Errors
/// The file is not there, holds something else by now, or cannot be written.
pub fn replace_file(name: &str, old: &str, new: &str) -> Result<(), InputError> {
    let path = Path::new(name);
    if read_file(path, name)? != old.as_bytes() {
        let message = format!("`{name}` is not as it was judged, so nothing is written to it");
        let advice = "save it as UTF-8, let nobody else write to it, and try again";
        return Err(InputError::new(InputProblem::Unreadable, message, advice));
    }
    write_file(path, new)
}

/// Says that writing failed, and what to do.
pub fn unwritable(path: &Path, error: &std::io::Error, advice: &str) -> InputError {
    let message = format!("`{}` cannot be written: {error}", name_of(path));
    InputError::new(InputProblem::Unreadable, message, advice)
}
