//! Anchors, aliases and tags.

use super::problem::{Problem, SyntaxError};
use super::scanner::Scanner;
use super::token::{Tag, Token, TokenKind};
use std::borrow::Cow;

impl<'a> Scanner<'a> {
    /// `&name` or `*name`.
    pub(super) fn scan_anchor(
        &mut self,
        kind: fn(&'a str) -> TokenKind<'a>,
    ) -> Result<Token<'a>, SyntaxError> {
        let start = self.cursor.offset();
        let indicator = char::from(self.cursor.peek(0));
        self.cursor.advance();
        let name = self.take_name();
        let end = self.cursor.offset();
        let ended = self.cursor.is_blank_or_end(0)
            || matches!(self.cursor.peek(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ended {
            return Err(SyntaxError::new(Problem::Name(indicator), start..end));
        }
        Ok(Token { kind: kind(name), start, end })
    }

    pub(super) fn scan_tag(&mut self) -> Result<Token<'a>, SyntaxError> {
        let start = self.cursor.offset();
        self.cursor.ensure(2);
        let tag = if self.cursor.peek(1) == b'<' {
            self.scan_verbatim_tag(start)?
        } else {
            self.scan_short_tag(start)?
        };
        self.cursor.ensure(1);
        if !self.cursor.is_blank_or_end(0) {
            return Err(self.malformed(Problem::Tag, start));
        }
        let end = self.cursor.offset();
        Ok(Token { kind: TokenKind::Tag(tag), start, end })
    }

    /// `!<tag:example.org,2000:x>`.
    fn scan_verbatim_tag(&mut self, start: usize) -> Result<Tag<'a>, SyntaxError> {
        self.cursor.advance_by(2);
        let suffix = self.scan_uri(Problem::Tag, start, self.cursor.offset())?;
        if suffix.is_empty() || self.cursor.peek(0) != b'>' {
            return Err(self.malformed(Problem::Tag, start));
        }
        self.cursor.advance();
        Ok(Tag { handle: "", suffix })
    }

    /// `!handle!suffix`, `!suffix`, or `!` alone.
    fn scan_short_tag(&mut self, start: usize) -> Result<Tag<'a>, SyntaxError> {
        let handle = self.take_handle();
        if handle.len() > 1 && handle.ends_with('!') {
            let suffix = self.scan_uri(Problem::Tag, start, self.cursor.offset())?;
            if suffix.is_empty() {
                return Err(self.malformed(Problem::Tag, start));
            }
            return Ok(Tag { handle, suffix });
        }
        let suffix = self.scan_uri(Problem::Tag, start, start + 1)?;
        if suffix.is_empty() {
            return Ok(Tag { handle: "", suffix: Cow::Borrowed("!") });
        }
        Ok(Tag { handle: "!", suffix })
    }

    /// `!`, `!name!`, or the start `!name` of a tag without a handle.
    pub(super) fn take_handle(&mut self) -> &'a str {
        let start = self.cursor.offset();
        self.cursor.advance();
        self.take_name();
        if self.cursor.peek(0) == b'!' {
            self.cursor.advance();
        }
        self.cursor.since(start)
    }

    /// Letters, digits, `-` and `_`.
    pub(super) fn take_name(&mut self) -> &'a str {
        let start = self.cursor.offset();
        self.cursor.ensure(1);
        while matches!(self.cursor.peek(0), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-') {
            self.cursor.advance();
            self.cursor.ensure(1);
        }
        self.cursor.since(start)
    }

    /// Reads a URI that starts at `head`, which is at or before the position.
    pub(super) fn scan_uri(
        &mut self,
        problem: Problem,
        start: usize,
        head: usize,
    ) -> Result<Cow<'a, str>, SyntaxError> {
        let mut decoded: Option<Vec<u8>> = None;
        let mut copied = head;
        self.cursor.ensure(1);
        while is_uri(self.cursor.peek(0)) {
            if self.cursor.peek(0) == b'%' {
                let text = self.cursor.since(copied);
                let bytes = decoded.get_or_insert_default();
                bytes.extend_from_slice(text.as_bytes());
                if !self.scan_uri_escape(bytes) {
                    return Err(self.malformed(problem, start));
                }
                copied = self.cursor.offset();
            } else {
                self.cursor.advance();
            }
            self.cursor.ensure(1);
        }
        let rest = self.cursor.since(copied);
        Ok(match decoded {
            None => Cow::Borrowed(rest),
            Some(mut bytes) => {
                bytes.extend_from_slice(rest.as_bytes());
                Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
            }
        })
    }

    /// Reads all escaped bytes of one character, such as `%c3%a4`. Returns false if malformed.
    fn scan_uri_escape(&mut self, bytes: &mut Vec<u8>) -> bool {
        let Some(first) = self.scan_uri_byte() else {
            return false;
        };
        bytes.push(first);
        let more = match first {
            0..=0x7f => 0,
            0xc0..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf7 => 3,
            _ => return false,
        };
        (0..more).all(|_| match self.scan_uri_byte() {
            Some(byte @ 0x80..=0xbf) => {
                bytes.push(byte);
                true
            }
            _ => false,
        })
    }

    fn scan_uri_byte(&mut self) -> Option<u8> {
        self.cursor.ensure(3);
        let digit = |n| char::from(self.cursor.peek(n)).to_digit(16);
        let byte = match self.cursor.peek(0) {
            b'%' => u8::try_from(digit(1)? << 4 | digit(2)?).ok()?,
            _ => return None,
        };
        self.cursor.advance_by(3);
        Some(byte)
    }

    pub(super) fn malformed(&self, problem: Problem, start: usize) -> SyntaxError {
        SyntaxError::new(problem, start..self.cursor.offset())
    }
}

fn is_uri(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-;/?:@&=+$,.!~*'()[]%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml::scanner::tests::{fault, tokens};

    fn tag(text: &str) -> (&str, String) {
        match tokens(text).unwrap().into_iter().next() {
            Some(TokenKind::Tag(tag)) => (tag.handle, tag.suffix.into_owned()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn splits_handle_and_suffix() {
        for (text, handle, suffix) in [
            ("! a", "", "!"),
            ("!x", "!", "x"),
            ("!!int 5", "!!", "int"),
            ("!e!x a", "!e!", "x"),
            ("!<tag:e,2000:x> a", "", "tag:e,2000:x"),
            ("!x, a", "!", "x,"),
            ("!a%C3%A4%21 b", "!", "aä!"),
        ] {
            assert_eq!(tag(text), (handle, suffix.to_owned()), "{text}");
        }
    }

    #[test]
    fn rejects_malformed_tags_and_names() {
        for text in ["!<x", "!<>", "!!", "!e! a", "!x{", "!%4", "!%80", "!%c3a"] {
            assert_eq!(fault(text).0, Problem::Tag, "{text}");
        }
        for text in ["&", "& a", "&a.b", "*é"] {
            assert!(matches!(fault(text).0, Problem::Name(_)), "{text}");
        }
        assert!(tokens("[*a]").is_ok() && tokens("&a-_9: b").is_ok());
    }
}
