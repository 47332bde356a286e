//! Bounded reading of files and standard input.
//!
//! Opens regular files alone, so that no pipe or device can keep the run waiting. Must not know
//! what the bytes mean.

use super::input_error::{InputError, InputProblem};
use super::path::name_of;
use std::fs::{File, FileType, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// The most that one file may hold, in bytes.
pub const MAX_FILE: u64 = 16 << 20;

/// How much of a file that is too large is looked at, in bytes.
pub const HEAD: u64 = 64 << 10;

/// The most that all files of a run may hold together, in bytes.
pub const MAX_TOTAL: u64 = 128 << 20;

/// Reads a whole file.
///
/// # Errors
/// It is missing, unreadable, too large, or no file.
pub fn read_file(path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
    let (file, metadata) = open(path, name)?;
    if metadata.len() > MAX_FILE {
        return Err(too_large(name));
    }
    read_to_limit(file, name)
}

/// Reads a whole text file of ours, such as the description of a machine.
///
/// # Errors
/// It is missing, unreadable, no file, too large or no text.
pub fn read_text(path: &Path) -> Result<String, InputError> {
    let name = name_of(path);
    to_text(read_file(path, &name)?, &name)
}

/// The same, or standard input where the path is `-`.
///
/// # Errors
/// As those of [`read_text`].
pub fn read_text_or_stdin(path: &Path, stdin: &mut dyn Read) -> Result<String, InputError> {
    const STDIN: &str = "<stdin>";
    if path.as_os_str() == "-" {
        return to_text(read_to_limit(stdin, STDIN)?, STDIN);
    }
    read_text(path)
}

/// Bytes of a text file of ours.
///
/// # Errors
/// They are no text.
pub fn to_text(bytes: Vec<u8>, name: &str) -> Result<String, InputError> {
    String::from_utf8(bytes).map_err(|_| {
        InputError::new(
            InputProblem::Unreadable,
            format!("`{name}` is not text in UTF-8"),
            "save it as UTF-8",
        )
    })
}

/// Reads the first [`HEAD`] bytes of a file, or all if there are fewer.
///
/// # Errors
/// It is missing, unreadable, or no file.
pub fn read_head(path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
    let (file, _) = open(path, name)?;
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head).map_err(|error| unreadable(name, &error))?;
    Ok(head)
}

/// Reads all of a stream, up to the limit of one file.
///
/// # Errors
/// It cannot be read or is too large.
pub fn read_to_limit(stream: impl Read, name: &str) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    stream.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > MAX_FILE { Err(too_large(name)) } else { Ok(bytes) }
}

fn open(path: &Path, name: &str) -> Result<(File, Metadata), InputError> {
    let failed = |error: io::Error| explain(path, name, &error);
    let metadata = path.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(not_a_file(name, metadata.file_type()));
    }
    Ok((File::open(path).map_err(failed)?, metadata))
}

fn explain(path: &Path, name: &str, error: &io::Error) -> InputError {
    if error.kind() != ErrorKind::NotFound {
        return unreadable(name, error);
    }
    let (what, advice) = if path.is_symlink() {
        ("is a link that leads nowhere", "repair or remove the link")
    } else {
        ("does not exist", "check the spelling and the folder that it is named from")
    };
    InputError::new(InputProblem::Missing, format!("`{name}` {what}"), advice)
}

/// Says that reading failed.
pub fn unreadable(name: &str, error: &io::Error) -> InputError {
    InputError::new(
        InputProblem::Unreadable,
        format!("`{name}` cannot be read: {error}"),
        "make it readable for this process",
    )
}

/// Says that one file is too large.
pub fn too_large(name: &str) -> InputError {
    InputError::new(
        InputProblem::TooLarge,
        format!("`{name}` is larger than {} MiB", MAX_FILE >> 20),
        "no Refinery file comes near this size; check that it is the right one",
    )
}

/// Says that all files together are too large.
pub fn too_much() -> InputError {
    InputError::new(
        InputProblem::TooLarge,
        format!("the files to read hold more than {} MiB together", MAX_TOTAL >> 20),
        "name fewer files or folders",
    )
}

fn not_a_file(name: &str, kind: FileType) -> InputError {
    InputError::new(
        InputProblem::NotAFile,
        format!("`{name}` is {}, not a file", noun(kind)),
        "name a regular file; text from elsewhere goes to standard input, with the path `-`",
    )
}

#[cfg(unix)]
fn noun(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn noun(kind: FileType) -> &'static str {
    if kind.is_dir() { "a folder" } else { "a device" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_stream_is_too_large() {
        let error = read_to_limit(io::repeat(b'x'), "<stdin>").unwrap_err();
        assert_eq!(error.problem, InputProblem::TooLarge);
        assert_eq!(read_to_limit(&b"General:"[..], "<stdin>").unwrap(), b"General:");
    }
}
