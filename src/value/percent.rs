//! Decodes percent escapes in the parts of a URL, as Go's `net/url` does.
//!
//! Must not know how a URL is split into parts: `url` does.

/// The kinds of parts, which have different rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A host and port: only `%25` and bytes beyond ASCII may be escaped.
    Host,
    /// An IPv6 zone from its `%25` on: characters that a host may contain, and spaces, may be escaped.
    Zone,
    /// A user, path or fragment: every byte may be escaped.
    Free,
}

/// Why a part cannot be decoded, with the wrong slice of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UrlError<'a> {
    pub at: &'a str,
    pub reason: &'static str,
}

/// Decodes a part. The result need not be UTF-8.
///
/// # Errors
/// A `%` is not followed by two hexadecimal digits, or the part does not allow an escape or character.
pub fn unescape(text: &str, part: Part) -> Result<Vec<u8>, UrlError<'_>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let next = if c == '%' {
            let (byte, next) = read_escape(rest, part)?;
            bytes.push(byte);
            next
        } else {
            let (character, next) = rest.split_at(c.len_utf8());
            if part != Part::Free && c.is_ascii() && !fits_host(c) {
                return Err(UrlError { at: character, reason: "not allowed in a host" });
            }
            bytes.extend_from_slice(character.as_bytes());
            next
        };
        rest = next;
    }
    Ok(bytes)
}

/// The byte of the escape at the start of `rest`, and what follows it.
fn read_escape(rest: &str, part: Part) -> Result<(u8, &str), UrlError<'_>> {
    let length = rest.char_indices().nth(3).map_or(rest.len(), |(end, _)| end);
    let (escape, next) = rest.split_at(length);
    let byte = hex_byte(escape).ok_or(UrlError {
        at: escape,
        reason: "not a valid escape; write %25 for a percent sign",
    })?;
    let allowed = match part {
        Part::Free => true,
        Part::Host => escape == "%25" || !byte.is_ascii(),
        Part::Zone => escape == "%25" || byte == b' ' || fits_host(byte.into()),
    };
    let reason = "escape not allowed in a host";
    if allowed { Ok((byte, next)) } else { Err(UrlError { at: escape, reason }) }
}

fn hex_byte(escape: &str) -> Option<u8> {
    match escape.as_bytes() {
        [b'%', high, low] => {
            let digit = |byte: &u8| char::from(*byte).to_digit(16);
            u8::try_from(digit(high)? * 16 + digit(low)?).ok()
        }
        _ => None,
    }
}

/// Whether this ASCII character is allowed in a host or zone without an escape.
fn fits_host(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str, part: Part) -> &str {
        unescape(text, part).unwrap_err().at
    }

    #[test]
    fn decodes_escapes() {
        assert_eq!(unescape("a%41%2f+ä", Part::Free), Ok("aA/+ä".into()));
        assert_eq!(unescape("%c3%A4.de", Part::Host), Ok("ä.de".into()));
        assert_eq!(unescape("%25en%200", Part::Zone), Ok("%en 0".into()));
        assert_eq!(unescape("%ff", Part::Free), Ok(vec![0xff]));
    }

    #[test]
    fn rejects_invalid_escapes_and_points_at_them() {
        assert_eq!(fault("a%", Part::Free), "%");
        assert_eq!(fault("%4g1", Part::Free), "%4g");
        assert_eq!(fault("%4ä1", Part::Free), "%4ä");
        assert_eq!(fault("h%41", Part::Host), "%41");
        assert_eq!(fault("h i", Part::Host), " ");
        assert_eq!(fault("h@", Part::Host), "@");
        assert_eq!(fault("%25%c3%a4", Part::Zone), "%c3");
        assert_eq!(fault("%2f", Part::Zone), "%2f");
    }
}
