//! The text of a file of traces. Must not read the traces themselves.

use super::input_error::{InputError, InputProblem};
use super::path::name_of;
use super::read::{read_file, read_to_limit};
use std::io::Read;
use std::path::Path;

/// Reads a file, or standard input where that is `-`.
///
/// # Errors
/// It cannot be read, or is no text in UTF-8.
pub fn read_traces(path: &Path, stdin: &mut dyn Read) -> Result<String, InputError> {
    let name = name_of(path);
    let bytes = match path.as_os_str() == "-" {
        true => read_to_limit(stdin, "<stdin>")?,
        false => read_file(path, &name)?,
    };
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(valid).filter(|b| **b == b'\n').count() + 1;
        InputError::new(
            InputProblem::Unreadable,
            format!("`{name}`, line {line}: this is no text in UTF-8"),
            "traces are JSON: one a line, or an OTLP/JSON export",
        )
    })
}
