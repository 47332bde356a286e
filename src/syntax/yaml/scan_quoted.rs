//! Quoted scalars, with their escapes.

use super::fold::Gap;
use super::problem::{Context, Problem, SyntaxError};
use super::scanner::Scanner;
use super::token::{ScalarStyle, Token, TokenKind};
use std::borrow::Cow;

/// A partly read quoted scalar: copied text, then the bytes from `word` on.
struct Quoted {
    start: usize,
    word: usize,
    copied: Option<String>,
}

impl<'a> Scanner<'a> {
    pub(super) fn scan_quoted(&mut self, style: ScalarStyle) -> Result<Token<'a>, SyntaxError> {
        let start = self.cursor.offset();
        let quote = self.cursor.peek(0);
        self.cursor.advance();
        let mut quoted = Quoted { start, word: self.cursor.offset(), copied: None };
        loop {
            self.cursor.ensure(4);
            if self.cursor.is_document_indicator() || self.cursor.is_end() {
                return Err(self.open_quote(start));
            }
            let mut gap = self.pass_quoted_word(quote, &mut quoted)?;
            self.cursor.ensure(1);
            let end = self.cursor.offset();
            if self.cursor.peek(0) == quote {
                break;
            }
            while self.cursor.is_blank(0) || self.cursor.is_break(0) {
                gap.take(&mut self.cursor);
            }
            if gap.is_broken() {
                let text = self.copy(&mut quoted, end);
                gap.fold_into(text);
                quoted.word = self.cursor.offset();
            }
        }
        let last = self.cursor.since(quoted.word);
        self.cursor.advance();
        let value = match quoted.copied {
            Some(text) => Cow::Owned(text + last),
            None => Cow::Borrowed(last),
        };
        let end = self.cursor.offset();
        Ok(Token { kind: TokenKind::Scalar { value, style }, start, end })
    }

    /// Copies the bytes up to `end`.
    fn copy<'q>(&self, quoted: &'q mut Quoted, end: usize) -> &'q mut String {
        let text = quoted.copied.get_or_insert_default();
        text.push_str(self.cursor.slice(quoted.word, end));
        text
    }

    /// Reads up to the next white space or the closing quote, or past an escaped line break.
    fn pass_quoted_word(&mut self, quote: u8, quoted: &mut Quoted) -> Result<Gap, SyntaxError> {
        while !self.cursor.is_blank_or_end(0) {
            match self.cursor.peek(0) {
                b'\'' if quote == b'\'' => {
                    if self.cursor.peek(1) != b'\'' {
                        break;
                    }
                    self.cursor.advance();
                    self.copy(quoted, self.cursor.offset());
                    self.cursor.advance();
                    quoted.word = self.cursor.offset();
                }
                b'"' if quote == b'"' => break,
                b'\\' if quote == b'"' => {
                    self.copy(quoted, self.cursor.offset());
                    if self.cursor.is_break(1) {
                        self.cursor.ensure(3);
                        self.cursor.advance();
                        self.cursor.take_break();
                        quoted.word = self.cursor.offset();
                        return Ok(Gap::escaped());
                    }
                    let unescaped = self.scan_escape(quoted.start)?;
                    quoted.copied.get_or_insert_default().push(unescaped);
                    quoted.word = self.cursor.offset();
                }
                _ => self.cursor.advance(),
            }
            self.cursor.ensure(2);
        }
        Ok(Gap::default())
    }

    fn open_quote(&self, opening: usize) -> SyntaxError {
        let end = self.cursor.offset();
        SyntaxError::new(Problem::OpenQuote, end..end).within(Context::Opening, opening)
    }

    fn scan_escape(&mut self, opening: usize) -> Result<char, SyntaxError> {
        let start = self.cursor.offset();
        self.cursor.advance();
        let Some(letter) = self.cursor.char() else {
            return Err(self.open_quote(opening));
        };
        let plain = match letter {
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            't' | '\t' => '\t',
            'n' => '\n',
            'v' => '\u{b}',
            'f' => '\u{c}',
            'r' => '\r',
            'e' => '\u{1b}',
            ' ' | '"' | '\'' | '\\' => letter,
            'N' => '\u{85}',
            '_' => '\u{a0}',
            'L' => '\u{2028}',
            'P' => '\u{2029}',
            'x' => return self.scan_escape_code(start, 2),
            'u' => return self.scan_escape_code(start, 4),
            'U' => return self.scan_escape_code(start, 8),
            _ => {
                let end = self.cursor.offset() + letter.len_utf8();
                return Err(SyntaxError::new(Problem::Escape(letter), start..end)
                    .within(Context::Text, opening));
            }
        };
        self.cursor.advance();
        Ok(plain)
    }

    fn scan_escape_code(&mut self, start: usize, digits: usize) -> Result<char, SyntaxError> {
        self.cursor.advance();
        self.cursor.ensure(digits);
        let mut code = 0;
        for _ in 0..digits {
            let digit = char::from(self.cursor.peek(0)).to_digit(16);
            let Some(digit) = digit else {
                return Err(SyntaxError::new(Problem::EscapeCode, start..self.cursor.offset()));
            };
            code = code << 4 | digit;
            self.cursor.advance();
        }
        char::from_u32(code)
            .ok_or_else(|| SyntaxError::new(Problem::EscapeCode, start..self.cursor.offset()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml::scanner::tests::{fault, scalar};

    #[test]
    fn escapes_are_read_only_in_double_quotes() {
        assert_eq!(
            scalar(r#""a\tb\x41\u263a\U0001f600\\\"\'\e\0\_""#),
            "a\tbA☺😀\\\"'\u{1b}\0\u{a0}"
        );
        assert_eq!(scalar(r"'a\tb''c'"), r"a\tb'c");
        assert_eq!(scalar("''"), "");
    }

    #[test]
    fn folds_lines() {
        assert_eq!(scalar("'a \n  b\n\n c '"), "a b\nc ");
        assert_eq!(scalar("\"a \\\n  b\\ \n c\""), "a b  c");
        assert_eq!(scalar("\"a\u{2028}b\""), "a\u{2028}b");
    }

    #[test]
    fn rejects_unknown_escapes() {
        assert_eq!(fault(r#""a\/""#), (Problem::Escape('/'), r"\/"));
        assert_eq!(fault(r#""\xg0""#), (Problem::EscapeCode, r"\x"));
        assert_eq!(fault(r#""\ud800""#), (Problem::EscapeCode, r"\ud800"));
        assert_eq!(fault("\"\\"), (Problem::OpenQuote, ""));
    }

    #[test]
    fn an_unclosed_quote_points_at_its_opening() {
        for text in ["a: 'b\nc", "a: \"b\n---\nc\"", "a: 'b\n..."] {
            let fault = super::super::scanner::tests::tokens(text).unwrap_err();
            assert_eq!(fault.problem, Problem::OpenQuote, "{text}");
            assert_eq!(fault.context, Some((Context::Opening, 3)), "{text}");
        }
    }
}
