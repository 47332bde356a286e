//! Percent escapes in the parts of a URL, as Go's `net/url` undoes them.
//!
//! Must not know how a URL is cut into parts: `url` does.

/// Which rules a part follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A host with its port: only bytes beyond ASCII may be escaped, and `%25`.
    Host,
    /// An IPv6 zone from its `%25` on: what a host may hold, and a blank, may be escaped.
    Zone,
    /// User, path or fragment: every byte may be escaped or not.
    Free,
}

/// Why a part cannot be unescaped, with the slice of it that is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    pub at: &'a str,
    pub reason: &'static str,
}

/// The part with its escapes undone, as bytes: they need not be UTF-8.
///
/// # Errors
/// A `%` without two hexadecimal digits, or an escape or a character that the part does not allow.
pub fn unescape(text: &str, part: Part) -> Result<Vec<u8>, Fault<'_>> {
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
                return Err(Fault { at: character, reason: "a host cannot hold this character" });
            }
            bytes.extend_from_slice(character.as_bytes());
            next
        };
        rest = next;
    }
    Ok(bytes)
}

/// The byte that the escape at the front of `rest` stands for, and what follows it.
fn read_escape(rest: &str, part: Part) -> Result<(u8, &str), Fault<'_>> {
    let length = rest.char_indices().nth(3).map_or(rest.len(), |(end, _)| end);
    let (escape, next) = rest.split_at(length);
    let byte = hex_byte(escape).ok_or(Fault {
        at: escape,
        reason: "two hexadecimal digits must follow a percent sign (%25 stands for the sign itself)",
    })?;
    let allowed = match part {
        Part::Free => true,
        Part::Host => escape == "%25" || !byte.is_ascii(),
        Part::Zone => escape == "%25" || byte == b' ' || fits_host(byte.into()),
    };
    let reason = "this escape is not allowed in a host";
    if allowed { Ok((byte, next)) } else { Err(Fault { at: escape, reason }) }
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

/// May this ASCII character stand in a host or a zone as it is?
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
    fn undoes_escapes() {
        assert_eq!(unescape("a%41%2f+ä", Part::Free), Ok("aA/+ä".into()));
        assert_eq!(unescape("%c3%A4.de", Part::Host), Ok("ä.de".into()));
        assert_eq!(unescape("%25en%200", Part::Zone), Ok("%en 0".into()));
        assert_eq!(unescape("%ff", Part::Free), Ok(vec![0xff]));
    }

    #[test]
    fn refuses_and_points() {
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
