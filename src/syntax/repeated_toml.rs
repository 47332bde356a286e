//! Finds the table headers of a TOML text, below which Refinery's reader notices repeated keys.
//!
//! It skips a table that it does not decode to the next header, and compares no keys there.

use std::ops::Range;
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// The places of all headers, `[a.b]` and `[[a.b]]`.
pub fn find_headers(text: &str) -> Vec<Range<usize>> {
    let mut headers: Vec<Range<usize>> = Vec::new();
    let mut open = 0_usize;
    let mut begins_line = true;
    let mut in_header = false;
    for token in Source::new(text).lex() {
        let (start, end) = (token.span().start(), token.span().end());
        match token.kind() {
            TokenKind::Newline if open == 0 => {
                (begins_line, in_header) = (true, false);
                continue;
            }
            TokenKind::Whitespace => continue,
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                if begins_line && open == 0 {
                    in_header = true;
                    headers.push(start..end);
                }
                open += 1;
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                open = open.saturating_sub(1);
                if let Some(header) = headers.last_mut().filter(|_| in_header) {
                    header.end = end;
                }
            }
            _ => {}
        }
        begins_line = false;
    }
    headers
}

/// The start of the header above a place; `None` if there is none or the place is in a header.
pub fn header_above(headers: &[Range<usize>], at: usize) -> Option<usize> {
    let header = headers.iter().rfind(|header| header.start <= at)?;
    (!header.contains(&at)).then_some(header.start)
}

/// The number of the header that contains a place.
pub fn header_around(headers: &[Range<usize>], at: usize) -> Option<usize> {
    headers.iter().position(|header| header.contains(&at))
}

/// The text without the keys below all headers but the first `kept` ones; places stay the same.
pub fn without_keys_after(text: &str, headers: &[Range<usize>], kept: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (index, header) in headers.iter().enumerate().skip(kept) {
        let end = headers.get(index + 1).map_or(text.len(), |next| next.start);
        bytes[header.end..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|b| *b = b' ');
    }
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{find_headers, header_above, header_around, without_keys_after};

    #[test]
    fn headers_are_found_and_lists_are_not() {
        let text = "a = [\n[1],\n]\n [ b . \"c]\" ] # [x]\nd = { e = [\n2] }\n[[f]]\ng = 1\n";
        let headers = find_headers(text);
        let found: Vec<&str> = headers.iter().map(|range| &text[range.clone()]).collect();
        assert_eq!(found, ["[ b . \"c]\" ]", "[[f]]"]);
        let above = |part| header_above(&headers, text.find(part).unwrap());
        assert_eq!(above("a ="), None);
        assert_eq!(above("c]"), None, "in a header");
        assert_eq!(above("d ="), text.find("[ b"));
        assert_eq!(above("g ="), text.find("[[f"));
    }

    #[test]
    fn keys_after_a_header_are_blanked_and_headers_are_not() {
        let text = "r = 1\n[a] # é\nb = 2\n[c]\nd = 'é'\n";
        let headers = find_headers(text);
        let blanked = |kept| without_keys_after(text, &headers, kept);
        assert_eq!(blanked(2), text);
        assert_eq!(blanked(1), "r = 1\n[a] # é\nb = 2\n[c]\n        \n");
        assert_eq!(blanked(0), "r = 1\n[a]     \n     \n[c]\n        \n");
        assert_eq!(header_around(&headers, text.find("c]").unwrap()), Some(1));
        assert_eq!(header_around(&headers, text.find("d =").unwrap()), None);
    }
}
