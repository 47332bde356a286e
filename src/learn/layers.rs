//! Archives around a binary: a layer of an image is a tar archive, often compressed with gzip.

use super::LearnError;
use super::binary::is_executable;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The most that a binary or an archive may hold, packed or not, in bytes.
pub const MAX_BINARY: usize = 512 << 20;

/// How deeply archives may be nested: the archive of an image contains those of its layers.
const MAX_DEPTH: u32 = 4;

const BLOCK: usize = 512;

/// Shows a binary, or those in an archive one after another, to `read`. Of an archive the first one
/// that can be read counts, or what was wrong with the one that came nearest to it.
pub fn find<T>(
    bytes: &[u8],
    read: &impl Fn(&[u8]) -> Result<T, LearnError>,
) -> Result<T, LearnError> {
    find_within(bytes, read, 0)
}

fn find_within<T>(
    bytes: &[u8],
    read: &impl Fn(&[u8]) -> Result<T, LearnError>,
    depth: u32,
) -> Result<T, LearnError> {
    if depth > MAX_DEPTH {
        return Err(LearnError::Archive("archives are nested too deeply"));
    }
    if bytes.starts_with(b"\x1f\x8b") {
        return find_within(&gunzip(bytes)?, read, depth + 1);
    }
    if !is_tar(bytes) {
        return read(bytes);
    }
    let mut nearest = LearnError::NotInArchive;
    for member in members(bytes) {
        let member = member?;
        let is_candidate =
            is_executable(member) || is_tar(member) || member.starts_with(b"\x1f\x8b");
        if !is_candidate {
            continue;
        }
        match find_within(member, read, depth + 1) {
            Ok(found) => return Ok(found),
            // Other programs of an image say nothing of Refinery.
            Err(
                LearnError::OtherProgram(_)
                | LearnError::NoMetadata("config and rules")
                | LearnError::NotInArchive
                | LearnError::NotABinary,
            ) => {}
            Err(error) => nearest = error,
        }
    }
    Err(nearest)
}

fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// The contents of the regular files of an archive.
fn members(mut bytes: &[u8]) -> impl Iterator<Item = Result<&[u8], LearnError>> {
    std::iter::from_fn(move || {
        loop {
            let header = bytes.get(..BLOCK)?;
            if header.iter().all(|byte| *byte == 0) {
                return None;
            }
            let Some(size) = size_of(header) else {
                bytes = &[];
                return Some(Err(LearnError::Archive("a header of the archive is damaged")));
            };
            let body = &bytes[BLOCK..];
            let Some(content) = body.get(..size) else {
                bytes = &[];
                return Some(Err(LearnError::Archive("a file in the archive is truncated")));
            };
            bytes = body.get(size.next_multiple_of(BLOCK)..).unwrap_or_default();
            if matches!(header[156], b'0' | 0) {
                return Some(Ok(content));
            }
        }
    })
}

/// Octal digits.
fn size_of(header: &[u8]) -> Option<usize> {
    let digits = str::from_utf8(&header[124..136]).ok()?;
    let digits = digits.trim_matches(['\0', ' ']);
    usize::from_str_radix(digits, 8).ok()
}

/// The first member of a gzip file: its header, the data, and a trailer that is not looked at.
fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, LearnError> {
    const FIXED: usize = 10;
    let cut = LearnError::Archive("the compressed data is truncated");
    let (Some(&flags), Some(mut rest)) = (bytes.get(3), bytes.get(FIXED..)) else {
        return Err(cut);
    };
    let (has_extra, has_name, has_comment, has_sum) =
        (flags & 4 != 0, flags & 8 != 0, flags & 16 != 0, flags & 2 != 0);
    if has_extra {
        let length = rest.first_chunk::<2>().map(|length| usize::from(u16::from_le_bytes(*length)));
        rest = length.and_then(|length| rest.get(2 + length..)).unwrap_or_default();
    }
    for _ in [has_name, has_comment].into_iter().filter(|has| *has) {
        let end = rest.iter().position(|byte| *byte == 0);
        rest = end.and_then(|end| rest.get(end + 1..)).unwrap_or_default();
    }
    if has_sum {
        rest = rest.get(2..).unwrap_or_default();
    }
    decompress_to_vec_with_limit(rest, MAX_BINARY).map_err(|error| {
        use miniz_oxide::inflate::TINFLStatus;
        match error.status {
            TINFLStatus::HasMoreOutput => LearnError::Archive("it contains more than 512 MiB"),
            TINFLStatus::FailedCannotMakeProgress => cut,
            _ => LearnError::Archive("the compressed data is damaged"),
        }
    })
}
