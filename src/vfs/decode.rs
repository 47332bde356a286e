//! Decodes bytes to text as Refinery's readers do.
//!
//! Its YAML reader accepts UTF-8 and, with a byte order mark, UTF-16; its TOML and JSON readers
//! accept only UTF-8. Which characters are allowed is for the parser to decide.

use super::Vfs;
use super::path::format_of;
use crate::check;
use crate::diagnostic::Finding;
use crate::span::{FileId, Span};
use crate::syntax::DataFormat;
use std::path::Path;

check!(
    NOT_UTF8,
    "syntax/not-utf-8",
    Error,
    kind: Verdict,
    "file that is not valid UTF-8",
    "Refinery rejects YAML and TOML files that are not valid UTF-8. In JSON it replaces every \
     invalid byte with U+FFFD."
);

/// Decoded text, and its first invalid bytes.
pub struct Decoded {
    pub text: String,
    pub fault: Option<Fault>,
}

/// Invalid bytes, replaced by U+FFFD in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where the replacement character starts, in bytes of the text.
    at: usize,
    reason: &'static str,
    refused: bool,
}

/// The text of a file; `None` if it cannot be read.
pub fn text_of(name: &str, vfs: &dyn Vfs) -> Option<String> {
    let bytes = vfs.read(Path::new(name), name).ok()?;
    Some(decode(bytes, format_of(name)).text)
}

/// Decodes a file. An unknown format is treated as YAML.
pub fn decode(bytes: Vec<u8>, format: Option<DataFormat>) -> Decoded {
    let is_yaml = matches!(format, None | Some(DataFormat::Yaml));
    match bytes.get(..2) {
        Some([0xff, 0xfe]) if is_yaml => decode_utf16(&bytes[2..], u16::from_le_bytes),
        Some([0xfe, 0xff]) if is_yaml => decode_utf16(&bytes[2..], u16::from_be_bytes),
        _ => decode_utf8(bytes, format != Some(DataFormat::Json)),
    }
}

fn decode_utf8(bytes: Vec<u8>, refused: bool) -> Decoded {
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, fault: None },
        Err(error) => Decoded {
            text: String::from_utf8_lossy(error.as_bytes()).into_owned(),
            fault: Some(Fault {
                at: error.utf8_error().valid_up_to(),
                reason: "not UTF-8 from here on",
                refused,
            }),
        },
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut fault = None;
    let mut record = |at, reason| {
        fault.get_or_insert(Fault { at, reason, refused: true });
    };
    for unit in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        if unit.is_err() {
            record(text.len(), "half of a UTF-16 surrogate pair");
        }
        text.push(unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    if !rest.is_empty() {
        record(text.len(), "half of a UTF-16 character");
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Decoded { text, fault }
}

impl Fault {
    pub fn finding(&self, file: FileId) -> Finding {
        let end = self.at + char::REPLACEMENT_CHARACTER.len_utf8();
        let finding = Finding::new(&NOT_UTF8, "the file is not valid UTF-8")
            .at(Span::new(file, self.at, end), self.reason)
            .help("save the file as UTF-8");
        if self.refused { finding.refuses() } else { finding }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Effect;

    fn yaml(bytes: &[u8]) -> (String, Option<usize>) {
        let decoded = decode(bytes.to_vec(), Some(DataFormat::Yaml));
        (decoded.text, decoded.fault.map(|fault| fault.at))
    }

    #[test]
    fn yaml_may_be_utf16_with_a_byte_order_mark() {
        for (bytes, text, fault) in [
            (&b"a: \xc3\xa4"[..], "a: ä", None),
            (b"\xef\xbb\xbfa", "\u{feff}a", None),
            (b"\xff\xfea\0\n\0", "a\n", None),
            (b"\xfe\xff\0a\xd8\x3d\xde\x00", "a😀", None),
            (b"\xff\xfe", "", None),
            (b"", "", None),
            (b"\0", "\0", None),
            // Lone surrogates, and a file truncated inside a character.
            (b"\xff\xfea\0\x00\xdcb\0", "a\u{fffd}b", Some(1)),
            (b"\xff\xfe\x3d\xd8", "\u{fffd}", Some(0)),
            (b"\xff\xfea\0b", "a\u{fffd}", Some(1)),
            // UTF-16 needs a byte order mark; overlong forms and surrogates are not UTF-8.
            (b"ab\xff", "ab\u{fffd}", Some(2)),
            (b"a\xc0\x80", "a\u{fffd}\u{fffd}", Some(1)),
            (b"\xc3\xa4\xed\xa0\x80", "ä\u{fffd}\u{fffd}\u{fffd}", Some(2)),
        ] {
            assert_eq!(yaml(bytes), (text.to_owned(), fault), "{bytes:?}");
        }
    }

    #[test]
    fn only_the_json_reader_replaces_invalid_bytes() {
        let effect = |format| {
            let fault = decode(b"\"\xff\"".to_vec(), Some(format)).fault.unwrap();
            fault.finding(FileId(0)).effect
        };
        assert_eq!(effect(DataFormat::Yaml), Effect::Refuses);
        assert_eq!(effect(DataFormat::Toml), Effect::Refuses);
        assert_eq!(effect(DataFormat::Json), Effect::Nothing);
        let marked = decode(b"\xff\xfea\0".to_vec(), Some(DataFormat::Toml));
        assert_eq!(marked.fault.map(|fault| fault.at), Some(0));
    }
}
