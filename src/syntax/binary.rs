//! Decodes the Base64 of `!!binary` values.

/// Decodes a `!!binary` value. Invalid UTF-8 in the result is replaced.
///
/// Line breaks are allowed anywhere. `None` if the text is not padded Base64.
pub fn decode(text: &str) -> Option<String> {
    let symbols: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let data = symbols.strip_suffix(b"==").or(symbols.strip_suffix(b"=")).unwrap_or(&symbols);
    let padded = symbols.len().is_multiple_of(4) && data.len() % 4 != 1;
    let sextets: Vec<u8> = data.iter().map(|&symbol| sextet(symbol)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = sextets.chunks(4).flat_map(octets).collect();
    padded.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

fn sextet(symbol: u8) -> Option<u8> {
    Some(match symbol {
        b'A'..=b'Z' => symbol - b'A',
        b'a'..=b'z' => symbol - b'a' + 26,
        b'0'..=b'9' => symbol - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Joins up to four sextets to up to three bytes; surplus bits are dropped.
fn octets(sextets: &[u8]) -> impl Iterator<Item = u8> {
    let bits =
        (0..4).fold(0_u32, |bits, i| bits << 6 | u32::from(sextets.get(i).copied().unwrap_or(0)));
    let [_, bytes @ ..] = bits.to_be_bytes();
    bytes.into_iter().take(sextets.len() * 3 / 4)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_padded_text() {
        for (text, decoded) in [
            ("", ""),
            ("aGVsbG8=", "hello"),
            ("aGVs\nbG8h\r\n", "hello!"),
            ("aA==", "h"),
            ("aB==", "h"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(decoded), "{text:?}");
        }
    }

    #[test]
    fn rejects_other_text() {
        for text in
            ["a", "aA", "aA=", "aGVsbG8", "aGVsbG8==", "a===", "aA==aA==", "====", "a b=", ">="]
        {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
