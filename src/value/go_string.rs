//! Go's string literals in double quotes.

/// The text of a literal, or `None` if Go rejects it. Bytes that are not UTF-8 are replaced.
pub fn unquote(literal: &str) -> Option<String> {
    let mut rest = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '"' | '\n' => return None,
            '\\' => rest = escape(rest, &mut bytes)?,
            c => push(c, &mut bytes),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Appends what follows a backslash, and returns the text after it.
fn escape<'t>(text: &'t str, bytes: &mut Vec<u8>) -> Option<&'t str> {
    let letter = text.chars().next()?;
    let rest = &text[letter.len_utf8()..];
    let byte = match letter {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0c,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 0x0b,
        '\\' | '"' => u8::try_from(letter).ok()?,
        'x' => {
            let (code, rest) = digits(rest, 2, 16)?;
            bytes.push(u8::try_from(code).ok()?);
            return Some(rest);
        }
        'u' | 'U' => {
            let (code, rest) = digits(rest, if letter == 'u' { 4 } else { 8 }, 16)?;
            push(char::from_u32(code)?, bytes);
            return Some(rest);
        }
        '0'..='7' => {
            let (code, rest) = digits(text, 3, 8)?;
            bytes.push(u8::try_from(code).ok()?);
            return Some(rest);
        }
        _ => return None,
    };
    bytes.push(byte);
    Some(rest)
}

/// A number of exactly `count` digits, and the text after it.
fn digits(text: &str, count: usize, radix: u32) -> Option<(u32, &str)> {
    let (number, rest) = text.split_at_checked(count)?;
    let is_number = number.chars().all(|c| c.is_digit(radix));
    let code = is_number.then(|| u32::from_str_radix(number, radix).ok())??;
    Some((code, rest))
}

fn push(c: char, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::unquote;

    #[test]
    fn escapes_are_those_of_go() {
        for (literal, text) in [
            (r#""""#, ""),
            (r#""é""#, "é"),
            ("\"a\tb\"", "a\tb"),
            (r#""\x41\101\u00e9\U0001F600""#, "AAé😀"),
            (r#""\a\b\f\n\r\t\v\\\"""#, "\u{7}\u{8}\u{c}\n\r\t\u{b}\\\""),
            (r#""\xc3\xa9""#, "é"),
            (r#""\xff""#, "\u{fffd}"),
        ] {
            assert_eq!(unquote(literal).as_deref(), Some(text), "{literal}");
        }
    }

    #[test]
    fn go_rejects_what_other_languages_accept() {
        for literal in [
            r#"""#,
            r#""a" "#,
            r#""a"b""#,
            "\"a\nb\"",
            r#""\'""#,
            r#""\/""#,
            r#""\q""#,
            r#""\""#,
            r#""\x4""#,
            r#""\x+4""#,
            r#""\1""#,
            r#""\400""#,
            r#""\ud83d\ude00""#,
            r#""\U00110000""#,
            r#""\xé""#,
        ] {
            assert_eq!(unquote(literal), None, "{literal}");
        }
    }
}
