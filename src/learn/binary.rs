//! The metadata and the version in the bytes of a binary.

use super::build_info::BuildInfo;
use super::metadata::{Metadata, read_metadata};
use super::{LearnError, Learned};
use crate::release::Release;
use crate::release::facts::ReleaseFile;
use crate::schema::Kind;
use aho_corasick::AhoCorasick;

/// How each document begins, apart from comments.
const BEGINNINGS: [&str; 2] = ["groups:\n", "groups:\r\n"];

/// The most that one document may hold, in bytes; the largest of a release has 90 KiB.
const MAX_DOCUMENT: usize = 4 << 20;

const PACKERS_MARK: &[u8] = b"UPX!";

/// A packed file has a marker within this many bytes of its beginning.
const MARKED_WITHIN: usize = 4 << 10;

pub fn read(bytes: &[u8], version: Option<Release>) -> Result<Learned, LearnError> {
    if bytes.is_empty() {
        return Err(LearnError::Empty);
    }
    if !is_executable(bytes) {
        return Err(LearnError::NotABinary);
    }
    let info = BuildInfo::find(bytes);
    if let Some(other) = info.as_ref().and_then(BuildInfo::other_program) {
        return Err(LearnError::OtherProgram(other.to_owned()));
    }
    let missing = |kinds: &'static str| {
        if is_packed(bytes) {
            LearnError::Packed
        } else if is_cut_off(bytes) {
            LearnError::CutOff(format!("the metadata for {kinds}"))
        } else {
            LearnError::NoMetadata(kinds)
        }
    };
    let (config, rules) = match find_documents(bytes)? {
        [Some(config), Some(rules)] => (config, rules),
        [None, None] => return Err(missing("config and rules")),
        [None, _] => return Err(missing(Kind::Config.word())),
        [_, None] => return Err(missing(Kind::Rules.word())),
    };
    let release = match (version, info.as_ref().and_then(BuildInfo::version)) {
        (Some(release), _) => release,
        (None, None) if is_cut_off(bytes) => {
            return Err(LearnError::CutOff("its version".to_owned()));
        }
        (None, None) => return Err(LearnError::NoVersion),
        (None, Some(text)) => {
            Release::parse_checked(text).ok_or_else(|| LearnError::OtherVersion(text.to_owned()))?
        }
    };
    let mut file = ReleaseFile::new(release, config.groups, rules.groups);
    file.date = info.as_ref().and_then(BuildInfo::date);
    file.go = info.map(|info| info.go);
    let not_understood = config.not_understood.into_iter().chain(rules.not_understood).collect();
    Ok(Learned { release, file, not_understood })
}

/// ELF, Mach-O (thin or fat) or PE?
pub fn is_executable(bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 5] =
        [b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xca\xfe\xba\xbe", b"MZ"];
    MARKS.iter().any(|mark| bytes.starts_with(mark))
}

fn is_packed(bytes: &[u8]) -> bool {
    let ends = [
        &bytes[..bytes.len().min(MARKED_WITHIN)],
        &bytes[bytes.len().saturating_sub(MARKED_WITHIN)..],
    ];
    ends.iter().any(|end| end.windows(PACKERS_MARK.len()).any(|window| window == PACKERS_MARK))
}

/// Does an ELF file end before its table of sections, which stands last?
fn is_cut_off(bytes: &[u8]) -> bool {
    let is_long = bytes.starts_with(b"\x7fELF\x02\x01");
    let number = |at: usize, size: usize| {
        let bytes = bytes.get(at..at + size)?;
        Some(bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let end = || Some(number(40, 8)?.saturating_add(number(58, 2)? * number(60, 2)?));
    is_long && end().is_none_or(|end| end > bytes.len() as u64)
}

/// The documents for config and rules, each the first of its kind that can be read; where none can,
/// what is wrong with it.
fn find_documents(bytes: &[u8]) -> Result<[Option<Metadata>; 2], LearnError> {
    let mut found = [None, None];
    let mut wrong = None;
    // Patterns that are constant build always.
    let Ok(finder) = AhoCorasick::new(BEGINNINGS) else { return Ok(found) };
    for beginning in finder.find_iter(bytes) {
        let text = document(&bytes[beginning.start()..]);
        let Some(kind) = kind_of(text) else { continue };
        let slot = &mut found[kind as usize];
        if slot.is_some() {
            continue;
        }
        // Each document ends with a line, and something follows it.
        if beginning.start() + text.len() == bytes.len() {
            wrong = Some(LearnError::Truncated(kind.word()));
            continue;
        }
        match read_metadata(kind, text) {
            Ok(metadata) => *slot = Some(metadata),
            Err(error) => wrong = Some(error),
        }
        if found.iter().all(Option::is_some) {
            return Ok(found);
        }
    }
    wrong.map_or(Ok(found), Err)
}

/// The text of a document: whole lines that are empty, indented or comments, after the first.
fn document(bytes: &[u8]) -> &str {
    let bytes = &bytes[..bytes.len().min(MAX_DOCUMENT)];
    let mut end = 0;
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let is_part = index == 0
            || line.starts_with(b" ")
            || line.starts_with(b"- ")
            || line.starts_with(b"#")
            || line.trim_ascii().is_empty();
        if !is_part || line.contains(&0) {
            break;
        }
        end += line.len();
    }
    let text = &bytes[..end];
    match str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// Whose document it is; none where it is neither's.
fn kind_of(text: &str) -> Option<Kind> {
    let mut lines = text.lines().skip(1).map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
    let name = first.strip_prefix("- name:")?.trim().trim_matches(['"', '\'']);
    let is_of_rules =
        matches!(name, "Samplers" | "Rules" | "Conditions") || name.ends_with("Sampler");
    Some(if is_of_rules { Kind::Rules } else { Kind::Config })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_ends_where_its_lines_do() {
        for (bytes, expected) in [
            (&b"groups:\n  - name: A\n\n# x\n    y: 1\n\0\0"[..], 34),
            (b"groups:\n  - name: A\nlistening on %s", 20),
            (b"groups:\n  - name: A\n  b\xff", 23),
            (b"groups:\n  - name: A\n  b: 1\0\n", 20),
        ] {
            assert_eq!(document(bytes).len(), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn documents_are_distinguished_by_their_first_group() {
        for (text, expected) in [
            ("groups:\n  - name: \"General\"\n", Some(Kind::Config)),
            ("groups:\n# x\n\n  - name: Samplers\n", Some(Kind::Rules)),
            ("groups:\n  - jobs: 1\n", None),
            ("groups:\n", None),
        ] {
            assert_eq!(kind_of(text), expected, "{text}");
        }
    }
}
