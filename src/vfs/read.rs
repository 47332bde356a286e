//! Bounded reading of files and standard input.
//!
//! Opens only regular files, so that no pipe or device can block the run. Must not know what the
//! bytes mean.

use super::input_error::{InputError, InputProblem};
use super::path::name_of;
use std::fs::{File, FileType, Metadata};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

/// The largest file that is read, in bytes.
pub const MAX_FILE: u64 = 16 << 20;

/// How much of a too large file is read, in bytes.
pub const HEAD: u64 = 64 << 10;

/// The most that all files of a run may have in total, in bytes.
pub const MAX_TOTAL: u64 = 128 << 20;

/// Reads a whole file.
///
/// # Errors
/// It is missing, unreadable, too large, or not a file.
pub fn read_file(path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
    let (file, metadata) = open(path, name)?;
    if metadata.len() > MAX_FILE {
        return Err(too_large(name));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    read_into(&mut bytes, file, name)?;
    Ok(bytes)
}

/// Reads one of this program's own text files, such as a machine file.
///
/// # Errors
/// It is missing, unreadable, not a file, too large or not UTF-8.
pub fn read_text(path: &Path) -> Result<String, InputError> {
    let name = name_of(path);
    to_text(read_file(path, &name)?, &name)
}

/// Reads a program or an archive of up to `limit` bytes, or standard input where the path is `-`.
///
/// # Errors
/// It is missing, unreadable, no file or too large.
pub fn read_binary_or_stdin(
    path: &Path,
    stdin: &mut dyn Read,
    limit: usize,
) -> Result<Vec<u8>, InputError> {
    const STDIN: &str = "<stdin>";
    let is_stdin = path.as_os_str() == "-";
    let name = if is_stdin { STDIN.to_owned() } else { name_of(path) };
    let mut bytes = Vec::new();
    let stream: &mut dyn Read = if is_stdin {
        stdin
    } else {
        let (file, metadata) = open(path, &name)?;
        bytes.reserve(usize::try_from(metadata.len()).unwrap_or(limit).min(limit));
        &mut { file }
    };
    stream.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|e| unreadable(&name, &e))?;
    if bytes.len() > limit {
        let message = format!("`{name}` is larger than {} MiB", limit >> 20);
        let advice = "Refinery binaries are never this large; check that this is the right file";
        return Err(InputError::new(InputProblem::TooLarge, message, advice));
    }
    Ok(bytes)
}

/// Decodes one of this program's own text files.
///
/// # Errors
/// The bytes are not UTF-8.
pub fn to_text(bytes: Vec<u8>, name: &str) -> Result<String, InputError> {
    String::from_utf8(bytes).map_err(|_| {
        InputError::new(
            InputProblem::Unreadable,
            format!("`{name}` is not valid UTF-8"),
            "save the file as UTF-8",
        )
    })
}

/// Reads the first [`HEAD`] bytes of a file, or all if there are fewer.
///
/// # Errors
/// It is missing, unreadable, or not a file.
pub fn read_head(path: &Path, name: &str) -> Result<Vec<u8>, InputError> {
    let (file, metadata) = open(path, name)?;
    let size = metadata.len().min(HEAD);
    let mut head = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(HEAD).read_to_end(&mut head).map_err(|error| unreadable(name, &error))?;
    Ok(head)
}

/// Reads a whole stream, up to [`MAX_FILE`].
///
/// # Errors
/// It cannot be read or is too large.
pub fn read_to_limit(stream: impl Read, name: &str) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    read_into(&mut bytes, stream, name)?;
    Ok(bytes)
}

fn read_into(bytes: &mut Vec<u8>, stream: impl Read, name: &str) -> Result<(), InputError> {
    stream.take(MAX_FILE + 1).read_to_end(bytes).map_err(|error| unreadable(name, &error))?;
    if bytes.len() as u64 > MAX_FILE { Err(too_large(name)) } else { Ok(()) }
}

/// Opens a file that is read line by line, or standard input if the path is `-`. Its size has no
/// limit; the reader bounds each line.
///
/// # Errors
/// It is missing, unreadable, or not a file.
pub fn open_stream<'i>(
    path: &Path,
    stdin: &'i mut dyn Read,
) -> Result<Box<dyn BufRead + 'i>, InputError> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(stdin)));
    }
    open_file(path)
}

/// Opens a file that is read line by line.
///
/// # Errors
/// It is missing, unreadable, or not a file.
pub fn open_file(path: &Path) -> Result<Box<dyn BufRead>, InputError> {
    let (file, _) = open(path, &name_of(path))?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
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
    let (what, help) = if path.is_symlink() {
        ("dangling symbolic link", "fix the link's target, or remove the link")
    } else {
        ("no such file", "check the spelling; paths are relative to the current directory")
    };
    InputError::new(InputProblem::Missing, format!("{what}: `{name}`"), help)
}

/// The error for a file that cannot be read.
pub fn unreadable(name: &str, error: &io::Error) -> InputError {
    InputError::new(
        InputProblem::Unreadable,
        format!("cannot read `{name}`: {error}"),
        "check the permissions of the file and its folders",
    )
}

/// The error for a file that is too large.
pub fn too_large(name: &str) -> InputError {
    InputError::new(
        InputProblem::TooLarge,
        format!("`{name}` is larger than {} MiB", MAX_FILE >> 20),
        "Refinery files are never this large; check that this is the right file",
    )
}

/// The error for files that are too large in total.
pub fn too_much() -> InputError {
    InputError::new(
        InputProblem::TooLarge,
        format!("the files to read exceed {} MiB in total", MAX_TOTAL >> 20),
        "pass fewer files or folders",
    )
}

fn not_a_file(name: &str, kind: FileType) -> InputError {
    InputError::new(
        InputProblem::NotAFile,
        format!("`{name}` is {}, not a file", noun(kind)),
        "pass a regular file, or use `-` to read standard input",
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
    fn endless_streams_are_too_large() {
        let error = read_to_limit(io::repeat(b'x'), "<stdin>").unwrap_err();
        assert_eq!(error.problem, InputProblem::TooLarge);
        assert_eq!(read_to_limit(&b"General:"[..], "<stdin>").unwrap(), b"General:");
    }
}
