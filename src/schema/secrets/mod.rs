//! Finds secrets in a text, and masks them.
//!
//! Works on text instead of a tree, so that it also masks secrets in files with syntax errors.
//! Which keys are secret is defined in `schemas/`.

mod anchors;
mod documents;
mod flow;
mod forms;
mod keys;
mod lines;
mod repeated;
mod scan;
mod shape;

pub use keys::is_secret_key;
pub use repeated::Repeats;
pub use scan::find_secrets;
pub use shape::mask;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use foldhash::fast::RandomState;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Bound;

/// Shorter values are not masked elsewhere: they would match ordinary words and numbers.
const SHORTEST: usize = 4;
/// Shorter values are masked only as whole words.
const UNMISTAKABLE: usize = 8;
/// Replaces a secret of any length in a message.
const HIDDEN: &str = "********";

/// The secret values of a run, to mask them wherever a message repeats one.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// By their first bytes, and sorted.
    values: HashMap<[u8; SHORTEST], BTreeSet<String>, RandomState>,
}

impl Secrets {
    /// Collects values as written: quoted, encoded, several on a line.
    pub fn of<'t>(written: impl IntoIterator<Item = &'t str>) -> Self {
        let mut values = HashSet::new();
        for text in written {
            collect(text, &mut values);
        }
        let mut secrets = Self::default();
        for value in values {
            if let Some(head) = value.as_bytes().first_chunk() {
                secrets.values.entry(*head).or_default().insert(value);
            }
        }
        secrets
    }

    /// The text with every secret masked: known ones, and anything that looks like one.
    pub fn hide(&self, text: &str) -> String {
        mask(&self.hide_known(text))
    }

    /// The text with the known secrets hidden. What only has the shape of a key stays, such as the ID
    /// of a trace.
    pub fn hide_known(&self, text: &str) -> String {
        if self.values.is_empty() {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let (mut shown, mut at) = (0, 0);
        while at < text.len() {
            match self.length_at(text, at) {
                Some(length) => {
                    out.push_str(&text[shown..at]);
                    out.push_str(HIDDEN);
                    at += length;
                    shown = at;
                }
                None => at += 1,
            }
        }
        out.push_str(&text[shown..]);
        out
    }

    /// The length of the longest secret at this position, if there is one.
    fn length_at(&self, text: &str, at: usize) -> Option<usize> {
        let candidates = self.values.get(text.as_bytes()[at..].first_chunk()?)?;
        let mut rest = text.get(at..)?;
        let is_word = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        let byte = |at: usize| text.as_bytes().get(at).copied();
        let is_apart = |length: usize| {
            !is_word(at.checked_sub(1).and_then(byte)) && !is_word(byte(at + length))
        };
        let up_to = |end: Bound<&str>| {
            candidates.range::<str, _>((Bound::Unbounded, end)).next_back().map(String::as_str)
        };
        // Of the values up to the text the last one has most in common with it, so that values which
        // the text starts with are no longer than what both have in common.
        let mut last = up_to(Bound::Included(rest));
        while let Some(value) = last {
            if rest.starts_with(value) {
                if value.len() >= UNMISTAKABLE || is_apart(value.len()) {
                    return Some(value.len());
                }
                last = up_to(Bound::Excluded(value));
            } else {
                rest = common_start(rest, value);
                last = up_to(Bound::Included(rest));
            }
        }
        None
    }
}

/// The characters that both texts start with.
fn common_start<'t>(text: &'t str, other: &str) -> &'t str {
    let pairs = text.char_indices().zip(other.chars());
    let end = pairs.take_while(|((_, a), b)| a == b).last();
    end.map_or("", |((at, c), _)| &text[..at + c.len_utf8()])
}

/// Collects everything a report might repeat of a value: as written, without quotes, decoded, and
/// its words.
fn collect(written: &str, values: &mut HashSet<String>) {
    let mut add = |value: &str| {
        let value = value.trim().trim_end_matches(',');
        if is_worth_hiding(value) {
            values.insert(value.to_owned());
        }
    };
    add(written);
    let inner = written.trim_matches(['"', '\'']);
    add(inner);
    if inner.contains("''") {
        add(&inner.replace("''", "'"));
    }
    if inner.contains('\\') {
        add(&serde_json::from_str::<String>(&format!("\"{inner}\"")).unwrap_or_default());
    }
    inner.lines().for_each(&mut add);
    inner.split_whitespace().filter(|word| word.len() >= UNMISTAKABLE).for_each(&mut add);
    if let Ok(bytes) = STANDARD.decode(inner.split_whitespace().collect::<String>()) {
        String::from_utf8(bytes).unwrap_or_default().lines().for_each(add);
    }
}

/// Whether a value is worth masking: not a wildcard, empty, a boolean, a variable or a known name.
fn is_worth_hiding(value: &str) -> bool {
    const WORDS: [&str; 10] =
        ["true", "false", "null", "none", "text", "string", "http", "https", "refinery", "bearer"];
    value.len() >= SHORTEST
        && value.bytes().any(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
        && !scan::is_reference(value)
        && !keys::is_name(value)
        && !WORDS.contains(&value.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_wherever_a_message_repeats_it() {
        let secrets = Secrets::of(["\"hun\\u0074er2\"", "swordfish-and-chips", "ab", "1", "*"]);
        for (text, shown) in [
            ("`hunter2` is not a duration", "`********` is not a duration"),
            ("xhunter2 has another", "xhunter2 has another"),
            ("hunter2x has another", "hunter2x has another"),
            ("xswordfish-and-chipsy", "x********y"),
            ("1 ab * `ä` hunter", "1 ab * `ä` hunter"),
        ] {
            assert_eq!(secrets.hide(text), shown);
        }
    }

    #[test]
    fn the_longest_secret_is_masked() {
        let secrets = Secrets::of(["pass", "password-1", "password-1-b", "password-12x", "pass2"]);
        for (text, shown) in [
            ("password-1-bc", "********c"),
            ("password-1-a", "********-a"),
            ("password-12", "********2"),
            ("pass word", "******** word"),
            ("passwords", "passwords"),
            ("pass2 pass2x", "******** pass2x"),
        ] {
            assert_eq!(secrets.hide_known(text), shown);
        }
    }

    #[test]
    fn encoded_values_are_also_masked_when_decoded() {
        let secrets = Secrets::of(["c3dvcmRmaXNo", "'it''s me'"]);
        assert_eq!(secrets.hide("a swordfish, it's me"), "a ********, ********");
    }

    #[test]
    fn each_line_of_a_value_is_masked() {
        let secrets = Secrets::of(["first line\nsecond line\n"]);
        assert_eq!(secrets.hide("`second line` is unknown"), "`********` is unknown");
    }

    #[test]
    fn names_and_variables_are_not_masked() {
        let secrets = Secrets::of(["Password", "${REDIS}", "TraceTimeout", "true"]);
        let text = "`Password` ${REDIS} TraceTimeout true";
        assert_eq!(secrets.hide(text), text);
    }
}
