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
        InputError::new(
            InputProblem::Unreadable,
            format!("`{}` cannot be written: {error}", name_of(path)),
            "name a file in a folder that exists and may be written to",
        )
    })
}
