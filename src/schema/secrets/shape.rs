//! Texts that show by their shape that they are secrets, whatever stands around them.

use crate::value::patterns::is_api_key;
use std::ops::Range;

/// A sentence with everything of a key's shape hidden.
pub fn mask(text: &str) -> String {
    let mut masked = text.to_owned();
    for range in find(text) {
        let stars = "*".repeat(range.len());
        masked.replace_range(range, &stars);
    }
    masked
}

/// Where such texts are.
pub fn find(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    words(text).filter(|word| looks_like_a_key(&text[word.clone()])).chain(credentials(text))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_keys_in_sentences() {
        assert_eq!(mask("`abcdefghij0123456789` is none"), "`********************` is none");
        assert_eq!(mask("EMADynamicSamplers is a name"), "EMADynamicSamplers is a name");
        assert_eq!(mask("not `redis://me:open@host:1`, a@b"), "not `redis://*******@host:1`, a@b");
    }
}
