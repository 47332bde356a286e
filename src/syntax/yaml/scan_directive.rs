//! Directives: `%YAML` and `%TAG`.

use super::problem::{Problem, SyntaxError};
use super::scanner::Scanner;
use super::token::{Token, TokenKind};

impl<'a> Scanner<'a> {
    pub(super) fn scan_directive(&mut self) -> Result<Token<'a>, SyntaxError> {
        let start = self.cursor.offset();
        self.cursor.advance();
        let name = self.take_name();
        if name.is_empty() || !self.cursor.is_blank_or_end(0) {
            return Err(self.malformed(Problem::Directive, start));
        }
        let kind = match name {
            "YAML" => self.scan_version(start)?,
            "TAG" => self.scan_tag_handle(start)?,
            _ => return Err(self.malformed(Problem::Directive, start)),
        };
        let end = self.cursor.offset();
        self.end_directive(start)?;
        Ok(Token { kind, start, end })
    }

    /// Skips spaces, an optional comment and the line end.
    fn end_directive(&mut self, start: usize) -> Result<(), SyntaxError> {
        self.skip_blanks();
        if self.cursor.peek(0) == b'#' {
            self.take_comment();
        }
        if !self.cursor.is_break_or_end(0) {
            return Err(self.malformed(Problem::Directive, start));
        }
        self.cursor.ensure(2);
        self.cursor.take_break();
        Ok(())
    }

    fn scan_version(&mut self, start: usize) -> Result<TokenKind<'a>, SyntaxError> {
        self.skip_blanks();
        let major = self.scan_version_number(start)?;
        if self.cursor.peek(0) != b'.' {
            return Err(self.malformed(Problem::Version, start));
        }
        self.cursor.advance();
        let minor = self.scan_version_number(start)?;
        Ok(TokenKind::Version { major, minor })
    }

    /// One or two digits.
    fn scan_version_number(&mut self, start: usize) -> Result<u8, SyntaxError> {
        let from = self.cursor.offset();
        self.cursor.ensure(1);
        while self.cursor.peek(0).is_ascii_digit() {
            self.cursor.advance();
            self.cursor.ensure(1);
        }
        match self.cursor.since(from) {
            digits if digits.len() <= 2 => {
                digits.parse().map_err(|_| self.malformed(Problem::Version, start))
            }
            _ => Err(self.malformed(Problem::Version, start)),
        }
    }

    fn scan_tag_handle(&mut self, start: usize) -> Result<TokenKind<'a>, SyntaxError> {
        self.skip_blanks();
        if self.cursor.peek(0) != b'!' {
            return Err(self.malformed(Problem::TagDirective, start));
        }
        let handle = self.take_handle();
        self.cursor.ensure(1);
        if !handle.ends_with('!') || !self.cursor.is_blank(0) {
            return Err(self.malformed(Problem::TagDirective, start));
        }
        self.skip_blanks();
        let prefix = self.scan_uri(Problem::TagDirective, start, self.cursor.offset())?;
        self.cursor.ensure(1);
        if prefix.is_empty() || !self.cursor.is_blank_or_end(0) {
            return Err(self.malformed(Problem::TagDirective, start));
        }
        Ok(TokenKind::TagHandle { handle, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml::scanner::tests::{fault, tokens};

    #[test]
    fn reads_both_directives() {
        let version = TokenKind::Version { major: 1, minor: 22 };
        assert_eq!(tokens("%YAML 1.22 # c\n").unwrap()[0], version);
        let prefix = "tag:e,2000:".into();
        let handle = TokenKind::TagHandle { handle: "!e!", prefix };
        assert_eq!(tokens("%TAG !e! tag:e,2000:\n").unwrap()[0], handle);
    }

    #[test]
    fn rejects_malformed_directives() {
        for (text, problem) in [
            ("%", Problem::Directive),
            ("%FOO", Problem::Directive),
            ("%YAML1 1.1", Problem::Directive),
            ("%YAML 1.1 x", Problem::Directive),
            ("%YAML 1", Problem::Version),
            ("%YAML 1.", Problem::Version),
            ("%YAML 1.111", Problem::Version),
            ("%TAG", Problem::TagDirective),
            ("%TAG !e tag:e", Problem::TagDirective),
            ("%TAG !e!", Problem::TagDirective),
            ("%TAG !e! ", Problem::TagDirective),
        ] {
            assert_eq!(fault(text).0, problem, "{text}");
        }
    }
}
