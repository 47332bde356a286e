//! Fingerprints of findings, which edits elsewhere in the file do not change.
//!
//! Must not depend on line numbers, on the order of a run, or on the standard library's hashers,
//! which may change.

use super::view::Located;
use std::collections::HashMap;

/// Makes fingerprints in report order. Equal findings are numbered.
#[derive(Default)]
pub struct Fingerprints(HashMap<u64, usize>);

impl Fingerprints {
    /// Hashes the check, the file and the text of the line, and adds a number for equal findings.
    pub fn next(&mut self, finding: &Located<'_>) -> String {
        let line = finding.primary().map_or("", |mark| mark.text.line(mark.start.line).trim());
        self.of([finding.id(), finding.file(), line])
    }

    /// Hashes what is reported of a whole file.
    pub fn of_file(&mut self, what: &str, file: &str) -> String {
        self.of([what, file, ""])
    }

    fn of(&mut self, parts: [&str; 3]) -> String {
        let hash = fnv1a(parts);
        let ordinal = self.0.entry(hash).or_insert(0);
        *ordinal += 1;
        format!("{hash:016x}:{ordinal}")
    }
}

/// 64-bit FNV-1a over the parts, each followed by a zero byte.
fn fnv1a<'a>(parts: impl IntoIterator<Item = &'a str>) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = parts.into_iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv1a() {
        assert_eq!(fnv1a([]), 0xcbf2_9ce4_8422_2325);
        // The published value for "foobar", followed by the zero byte.
        let ended = 0x8594_4171_f739_67e8_u64.wrapping_mul(0x0100_0000_01b3);
        assert_eq!(fnv1a(["foobar"]), ended);
        assert_ne!(fnv1a(["ab", "c"]), fnv1a(["a", "bc"]));
    }
}
