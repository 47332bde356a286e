//! Finds what a newer reader of TOML allows and Refinery's reader, of TOML 1.0, rejects.

use std::ops::Range;
use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The places of a valid text at which Refinery's reader stops, and what is wrong with each.
pub fn find_newer(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut faults = Vec::new();
    if text.starts_with(BYTE_ORDER_MARK) {
        faults.push((0..BYTE_ORDER_MARK.len_utf8(), "a byte order mark is not allowed"));
    }
    let mut open = Vec::new();
    let mut last = None;
    for token in Source::new(text).lex() {
        let range = token.span().start()..token.span().end();
        let is_in_table = open.last() == Some(&TokenKind::LeftCurlyBracket);
        match token.kind() {
            TokenKind::LeftCurlyBracket | TokenKind::LeftSquareBracket => open.push(token.kind()),
            TokenKind::RightCurlyBracket | TokenKind::RightSquareBracket => {
                open.pop();
                if is_in_table && last == Some(TokenKind::Comma) {
                    faults.push((range, "an inline table cannot end with a comma"));
                }
            }
            TokenKind::Newline | TokenKind::Comment if is_in_table => {
                faults.push((range, "an inline table must be on one line"));
            }
            _ => faults.extend(fault_of(token, &text[range])),
        }
        if !matches!(token.kind(), TokenKind::Whitespace | TokenKind::Newline | TokenKind::Comment)
        {
            last = Some(token.kind());
        }
    }
    faults
}

fn fault_of(token: Token, text: &str) -> Option<(Range<usize>, &'static str)> {
    let start = token.span().start();
    match token.kind() {
        TokenKind::BasicString | TokenKind::MlBasicString => {
            let at = start + hex_escape(text)?;
            Some((at..at + 2, "the escape `\\x` is not supported; write `\\u00` and two digits"))
        }
        _ => None,
    }
}

/// The place of the first `\x`.
fn hex_escape(text: &str) -> Option<usize> {
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && characters.next().is_some_and(|(_, escaped)| escaped == 'x') {
            return Some(at);
        }
    }
    None
}

/// The times without seconds of a valid text. Refinery's reader rejects them where it reads them.
pub fn find_short_times(text: &str) -> impl Iterator<Item = Range<usize>> {
    let ranges = Source::new(text).lex().filter(|token| token.kind() == TokenKind::Atom);
    let ranges = ranges.map(|token| token.span().start()..token.span().end());
    ranges.filter(|range| is_without_seconds(&text[range.clone()]))
}

/// Whether a date and time, or a time, ends with its minutes.
fn is_without_seconds(text: &str) -> bool {
    let after_date = match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b't', time @ ..] => Some(time),
        _ => None,
    };
    match after_date.unwrap_or(text.as_bytes()) {
        [a, b, b':', c, d, rest @ ..] => {
            [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()) && rest.first() != Some(&b':')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{find_newer, find_short_times};

    fn found(text: &str) -> Vec<&str> {
        find_newer(text).into_iter().map(|(range, _)| &text[range]).collect()
    }

    #[test]
    fn finds_what_is_new_in_toml_1_1() {
        for (text, newer) in [
            ("a = { b = 1, }", vec!["}"]),
            ("a = { b = 1, \n }", vec!["\n", "}"]),
            ("a = {\n b = [1,\n 2,] }", vec!["\n"]),
            ("a = \"\\\\x \\x41\"", vec!["\\x"]),
            ("a = \"\"\"\\x41\"\"\"", vec!["\\x"]),
            ("\u{feff}a = 1", vec!["\u{feff}"]),
        ] {
            assert_eq!(found(text), newer, "{text}");
        }
    }

    #[test]
    fn finds_times_without_seconds() {
        for (text, times) in [
            ("a = 12:30", vec!["12:30"]),
            ("a = 2024-01-01T12:30", vec!["2024-01-01T12:30"]),
            ("a = 2024-01-01 12:30Z", vec!["12:30Z"]),
            ("a = 12:30:00.5\nb = 2024-01-01T12:30:00+01:00\nc = 2024-01-01", vec![]),
        ] {
            let found: Vec<&str> = find_short_times(text).map(|range| &text[range]).collect();
            assert_eq!(found, times, "{text}");
        }
    }

    #[test]
    fn finds_nothing_in_toml_1_0() {
        for text in [
            "[a]\nb = [\n 1, # one\n]\n[[c.d]]\ne = { f = [\n1,\n] }",
            "a = '\\x41'",
            "a = \"\\\\x41 \\u0041\"",
            "a = 12:30:00.5",
            "a = 2024-01-01T12:30:00+01:00",
            "a = 2024-01-01 12:30:00Z",
            "a = 2024-01-01",
        ] {
            assert_eq!(found(text), [] as [&str; 0], "{text}");
        }
    }
}
