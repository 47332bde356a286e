//! Where secrets stand in a text, and texts with them hidden.
//!
//! Works on text rather than on a tree, so that a file with a syntax fault keeps its secrets too.
//! Which keys are secret stands in `schemas/`.

use super::Kind;
use super::key::Key;
use crate::value::patterns::is_api_key;
use std::ops::Range;
use std::sync::LazyLock;

/// The byte ranges of a file's text that no report may show.
pub fn find_secrets(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = credentials(text).collect();
    for word in words(text) {
        let written = &text[word.clone()];
        if SECRET_KEYS.iter().any(|key| written.ends_with(key)) {
            found.extend(value_behind(text, word.end));
        }
        if looks_like_a_key(written) {
            found.push(word);
        }
    }
    found.sort_unstable_by_key(|range| range.start);
    found
}

/// A sentence with everything of a key's shape hidden.
pub fn mask(text: &str) -> String {
    let mut masked = text.to_owned();
    let keys = words(text).filter(|word| looks_like_a_key(&text[word.clone()]));
    for word in keys.chain(credentials(text)) {
        let stars = "*".repeat(word.len());
        masked.replace_range(word, &stars);
    }
    masked
}

static SECRET_KEYS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let document = Kind::Config.document();
    let groups = Key::root(document).children();
    let keys = groups.flat_map(|(_, group)| group.children());
    let mut names: Vec<_> = keys.filter(|(_, key)| key.is_secret()).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    names
});

/// A word of a key's shape that no person would write as a name: letters and digits mixed.
fn looks_like_a_key(word: &str) -> bool {
    is_api_key(word)
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_alphabetic())
}

/// User and password of an address: what stands between `://` and the `@` before its host.
fn credentials(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let rest = &text[start..];
        let authority = rest.split(|c: char| c.is_whitespace() || "/?#\"'`".contains(c)).next()?;
        authority.rfind('@').map(|len| start..start + len)
    })
}

fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes.get(at..)?.iter().position(|&b| is_word(b))?;
        let len = bytes[start..].iter().position(|&b| !is_word(b)).unwrap_or(bytes.len() - start);
        at = start + len;
        Some(start..at)
    })
}

/// What stands behind `key:` or `key =` on the same line, for a key that ends there.
fn value_behind(text: &str, end: usize) -> Option<Range<usize>> {
    let line_end = text[end..].find(['\n', '\r']).map_or(text.len(), |n| end + n);
    let rest = &text[end..line_end];
    let behind_quote = rest.trim_start_matches(['"', '\'']).trim_start();
    let value = behind_quote.strip_prefix([':', '='])?.trim_start();
    let start = line_end - value.len();
    let value = value.split(" #").next().unwrap_or_default().trim_end();
    // A list opens on the next line or is one of words that show their shape.
    (!value.is_empty() && !value.starts_with(['[', '&', '|', '>', '#']))
        .then_some(start..start + value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_what_stands_under_a_secret_key_and_what_looks_like_one() {
        let text = format!(
            "Password: hunter2 # mine\nQueryAuthToken = \"sesame\"\nx: [hcaik_{}]\n\
             y: EMADynamicSampler12345\nDataset: rules\n",
            "0z".repeat(29)
        );
        let found: Vec<&str> = find_secrets(&text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(found[..2], ["hunter2", "\"sesame\""]);
        assert!(found[2].starts_with("hcaik_"), "{found:?}");
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn hides_keys_in_sentences() {
        assert_eq!(mask("`abcdefghij0123456789` is none"), "`********************` is none");
        assert_eq!(mask("EMADynamicSamplers is a name"), "EMADynamicSamplers is a name");
        assert_eq!(mask("not `redis://me:open@host:1`, a@b"), "not `redis://*******@host:1`, a@b");
    }
}
