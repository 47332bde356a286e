//! Finds numbers and times that Refinery's TOML reader recognises as such but cannot convert. It
//! rejects them only where it reads them.

use std::ops::Range;
use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

/// The whole value around a place at which a parser stops, if Refinery's reader passes it.
pub fn find_malformed(text: &str, at: usize) -> Option<Range<usize>> {
    let tokens: Vec<Token> = Source::new(text).lex().collect();
    let is_part = |token: &Token| matches!(token.kind(), TokenKind::Atom | TokenKind::Dot);
    let (around, _) = tokens.iter().enumerate().find(|(_, token)| {
        is_part(token) && token.span().start() <= at && at <= token.span().end()
    })?;
    let first = around - tokens[..around].iter().rev().take_while(|token| is_part(token)).count();
    let end = around + tokens[around..].iter().take_while(|token| is_part(token)).count();
    let range = tokens[first].span().start()..tokens[end - 1].span().end();
    let is_value = is_after_value_start(&tokens[..first]) && is_before_value_end(&tokens[end..]);
    (is_value && is_scanned(&text[range.clone()])).then_some(range)
}

/// Whether a value may follow: after `=` or `,`, or after the `[` of a list.
fn is_after_value_start(before: &[Token]) -> bool {
    let mut before = before.iter().rev().filter(|token| !is_blank(token)).map(Token::kind);
    let is_start = |kind| matches!(kind, Some(TokenKind::Equals | TokenKind::Comma));
    match before.next() {
        Some(TokenKind::LeftSquareBracket) => is_start(before.next()),
        kind => is_start(kind),
    }
}

fn is_before_value_end(after: &[Token]) -> bool {
    let next = after.iter().find(|token| token.kind() != TokenKind::Whitespace);
    next.is_none_or(|token| {
        matches!(
            token.kind(),
            TokenKind::Newline
                | TokenKind::Comment
                | TokenKind::Comma
                | TokenKind::RightSquareBracket
                | TokenKind::RightCurlyBracket
                | TokenKind::Eof
        )
    })
}

fn is_blank(token: &Token) -> bool {
    matches!(token.kind(), TokenKind::Whitespace | TokenKind::Newline | TokenKind::Comment)
}

/// Whether the characters are those of a date, a time or a number.
fn is_scanned(text: &str) -> bool {
    let all =
        |allowed: &str| text.bytes().all(|b| b.is_ascii_digit() || allowed.as_bytes().contains(&b));
    match text.as_bytes() {
        [b'0', b'x', digits @ ..] => digits.iter().all(|b| b.is_ascii_hexdigit() || *b == b'_'),
        [b'0', b'o', digits @ ..] => digits.iter().all(|b| matches!(b, b'0'..=b'7' | b'_')),
        [b'0', b'b', digits @ ..] => digits.iter().all(|b| matches!(b, b'0' | b'1' | b'_')),
        [b, c, b':', ..] if b.is_ascii_digit() && c.is_ascii_digit() => all("Tt:Zz.+-"),
        [year @ .., _]
            if year.len() >= 4
                && year[..4].iter().all(u8::is_ascii_digit)
                && text.as_bytes()[4] == b'-' =>
        {
            all("Tt:Zz.+-")
        }
        // One zero is the whole number.
        [b'0', next, ..] if !matches!(next, b'.' | b'e' | b'E') => false,
        _ => all("+-_.eE"),
    }
}

#[cfg(test)]
mod tests {
    use super::find_malformed;

    #[test]
    fn values_with_the_right_characters_are_malformed() {
        for value in [
            "1__0",
            "1_",
            "1.",
            ".5",
            "1e",
            "0x",
            "0b",
            "2024-02-30",
            "25:00:00",
            "12:30",
            "2024-01-01T10:00",
            "1.2.3",
            "+-1",
        ] {
            for (before, after) in [("a = ", ""), ("a = { b = ", ", c = 1 }"), ("a = [", ", 2]")] {
                let text = format!("{before}{value}{after}");
                let found = find_malformed(&text, before.len());
                assert_eq!(found.map(|range| &text[range]), Some(value), "{text}");
            }
        }
    }

    #[test]
    fn other_faults_are_syntax_errors() {
        for text in ["a = 01", "a = 0xZ", "a = x", "a = 1 2", "1. = 2", "[1.]", "a = { 1. = 2 }"] {
            let at = text.find(['0', '1', 'x']).unwrap_or_default();
            assert_eq!(find_malformed(text, at), None, "{text}");
        }
    }
}
