//! Where a report goes when it does not go to standard output.

use super::path::name_of;
use super::{InputError, InputProblem};
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

/// Says that writing failed, and what to do.
pub fn unwritable(path: &Path, error: &std::io::Error, advice: &str) -> InputError {
    let message = format!("`{}` cannot be written: {error}", name_of(path));
    InputError::new(InputProblem::Unreadable, message, advice)
}
