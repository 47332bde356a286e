//! Content in a document that is encoded in base64, compressed with gzip, or both.

use crate::decompress::decompressed;
use crate::vfs::read::MAX_FILE;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Read;

/// How content is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Encoding {
    is_base64: bool,
    is_compressed: bool,
}

impl Encoding {
    /// Gzip, after everything else is decoded.
    pub const GZIP: Self = Self { is_base64: false, is_compressed: true };

    /// The encoding that cloud-init calls this: `b64`, `gzip` or `gz+b64`, in long or short form.
    pub fn of_name(name: &str) -> Self {
        let has = |words: &[&str]| name.split('+').any(|part| words.contains(&part));
        Self { is_base64: has(&["b64", "base64"]), is_compressed: has(&["gz", "gzip"]) }
    }

    pub fn is_plain(self) -> bool {
        self == Self::default()
    }

    /// The decoded bytes; `None` if they are not encoded like this.
    pub fn decode(self, written: &[u8]) -> Option<Vec<u8>> {
        let bytes = if self.is_base64 { decode_base64(written)? } else { written.to_vec() };
        if self.is_compressed { expand(&bytes) } else { Some(bytes) }
    }
}

/// Decodes base64 that may be split into lines.
pub fn decode_base64(written: &[u8]) -> Option<Vec<u8>> {
    let written: Vec<u8> =
        written.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(written).ok()
}

/// `None` if the bytes are not compressed, or expand to more than a file may have.
fn expand(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut expanded = Vec::new();
    let stream = decompressed(bytes).ok()?;
    stream.take(MAX_FILE + 1).read_to_end(&mut expanded).ok()?;
    (expanded != bytes && expanded.len() as u64 <= MAX_FILE).then_some(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn decodes_what_cloud_init_decodes() {
        let compressed = gzip(b"a: 1\n");
        let both = STANDARD.encode(&compressed);
        for (name, written, expected) in [
            ("b64", &b"YTog\nMQo="[..], Some(&b"a: 1\n"[..])),
            ("base64", b"YTogMQo", None),
            ("gz+b64", both.as_bytes(), Some(b"a: 1\n")),
            ("gzip+base64", both.as_bytes(), Some(b"a: 1\n")),
            ("gzip", &compressed, Some(b"a: 1\n")),
            ("gz", b"a: 1", None),
            ("text/plain", b"a: 1", Some(b"a: 1")),
        ] {
            let decoded = Encoding::of_name(name).decode(written);
            assert_eq!(decoded.as_deref(), expected, "{name}");
        }
        let bomb = gzip(&vec![b' '; usize::try_from(MAX_FILE).unwrap() + 1]);
        assert_eq!(Encoding::GZIP.decode(&bomb), None);
    }
}
