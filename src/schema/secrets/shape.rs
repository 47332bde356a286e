//! Secrets that are recognized by their own form, in any context.

use crate::value::patterns::{SHORTEST_API_KEY, is_api_key};
use std::ops::Range;

/// Masks everything in a message that looks like a secret.
pub fn mask(text: &str) -> String {
    let mut masked = text.to_owned();
    for range in find(text) {
        let stars = "*".repeat(range.len());
        masked.replace_range(range, &stars);
    }
    masked
}

/// The ranges of such secrets.
pub fn find(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    words(text)
        .filter(|word| looks_like_a_key(&text[word.clone()]))
        .chain(credentials(text))
        .chain(logins(text))
}

/// Whether a word looks like an API key and not like a name: it mixes letters and digits.
fn looks_like_a_key(word: &str) -> bool {
    is_api_key(word)
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_alphabetic())
}

/// The user and password of a URL: the text between `://` and the `@` before its host.
fn credentials(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    memchr::memmem::find_iter(text.as_bytes(), "://").filter_map(|at| {
        let rest = text[at..].strip_prefix("://")?;
        let start = text.len() - rest.len();
        let authority = rest.split(|c: char| c.is_whitespace() || "/?#\"'`".contains(c)).next()?;
        authority.rfind('@').map(|len| start..start + len)
    })
}

/// The user and password before the `@` of a host without a scheme. Digests of images have an `@`, too.
fn logins(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    memchr::memchr_iter(b'@', text.as_bytes()).filter_map(|end| {
        let before = &text[..end];
        let is_end = |c: char| c.is_whitespace() || "\"'`=,([{".contains(c);
        let start = before.rfind(is_end).map_or(0, |at| at + 1);
        let (login, host) = (text.get(start..end)?, &text[end + 1..]);
        let is_login = login.split_once(':').is_some_and(|(_, password)| !password.is_empty());
        let is_host = host.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !["sha256:", "sha512:"].iter().any(|digest| host.starts_with(digest));
        (is_login && is_host && !login.contains('/')).then_some(start..end)
    })
}

/// The words that are long enough to be an API key.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            // From the last byte that a key at this position has at least: most words are shorter, so
            // most bytes are skipped.
            let window = bytes.get(at..at + SHORTEST_API_KEY)?;
            if let Some(gap) = window.iter().rposition(|b| !is_word(b)) {
                at += gap + 1;
                continue;
            }
            let (start, rest) = (at, &bytes[at + SHORTEST_API_KEY..]);
            let more = rest.iter().position(|b| !is_word(b)).unwrap_or(rest.len());
            at += SHORTEST_API_KEY + more;
            return Some(start..at);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keys_in_messages() {
        assert_eq!(mask("`abcdefghij0123456789` is none"), "`********************` is none");
        assert_eq!(mask("EMADynamicSamplers is a name"), "EMADynamicSamplers is a name");
        assert_eq!(mask("x abcdefghij0123456789"), "x ********************");
        assert_eq!(mask("abcdefghi_abcdefghij0123456789"), "abcdefghi_abcdefghij0123456789");
        assert_eq!(mask("äabcdefghij0123456789ö"), "ä********************ö");
        assert_eq!(mask("not `me:open@host:1`, a@b"), "not `*******@host:1`, a@b");
        assert_eq!(
            mask("x=:open@host a/b:1@sha256:0 c:2@sha256:0"),
            "x=*****@host a/b:1@sha256:0 c:2@sha256:0"
        );
        assert_eq!(mask("not `redis://me:open@host:1`, a@b"), "not `redis://*******@host:1`, a@b");
    }
}
