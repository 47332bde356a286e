//! Turns characters into tokens: indentation, simple keys, and the same look-ahead as go-yaml.
//!
//! Holds the token queue and dispatches on the next character; the `scan_*` modules read each kind of
//! token. Must not know which tokens may follow which (`parser` does).

use super::cursor::{Cursor, Mark};
use super::problem::{Problem, SyntaxError};
use super::token::{ScalarStyle, Token, TokenKind};
use std::collections::VecDeque;
use std::ops::Range;

/// How many tokens go-yaml scans before it parses the first of them. An error in these tokens counts
/// even if they are after the end of the document.
const LOOK_AHEAD: usize = 3;

/// Reads tokens one by one.
pub struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) queue: VecDeque<Token<'a>>,
    /// How many tokens have left the queue.
    pub(super) taken: usize,
    /// The possible simple keys: at most one per flow level, outermost first.
    pub(super) keys: VecDeque<SimpleKey>,
    pub(super) key_allowed: bool,
    /// For each open bracket, the token that its end releases: the last key inside, or the bracket.
    pub(super) flows: Vec<usize>,
    /// The minimum column of content of the innermost block collection; 0 outside of any.
    pub(super) margin: usize,
    pub(super) margins: Vec<usize>,
    pub(super) comments: Vec<Range<usize>>,
}

/// A token that starts a key if a `:` follows on its line.
pub(super) struct SimpleKey {
    /// Its number among all tokens.
    pub(super) token: usize,
    pub(super) flow_level: usize,
    pub(super) mark: Mark,
    /// The token can only be a key.
    pub(super) required: bool,
    /// The token no longer delays the tokens in the queue. Because of a bug in go-yaml this is the case
    /// for empty brackets, which may have left the queue before their `:` is read.
    pub(super) released: bool,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            cursor: Cursor::new(text),
            queue: VecDeque::new(),
            taken: 0,
            keys: VecDeque::new(),
            key_allowed: true,
            flows: Vec::new(),
            margin: 0,
            margins: Vec::new(),
            comments: Vec::new(),
        }
    }

    /// The comments read so far, without their line breaks.
    pub fn comments(&self) -> &[Range<usize>] {
        &self.comments
    }

    /// The next token, without consuming it.
    pub fn peek(&mut self) -> Result<&Token<'a>, SyntaxError> {
        while self.queue.len() < LOOK_AHEAD || self.may_head_be_key()? {
            self.fetch()?;
        }
        Ok(&self.queue[0])
    }

    /// The next token.
    pub fn take(&mut self) -> Result<Token<'a>, SyntaxError> {
        self.peek()?;
        self.taken += 1;
        let end = self.cursor.offset();
        let last = Token { kind: TokenKind::StreamEnd, start: end, end };
        Ok(self.queue.pop_front().unwrap_or(last))
    }

    pub(super) fn flow_level(&self) -> usize {
        self.flows.len()
    }

    /// The number of the next token.
    pub(super) fn next_token(&self) -> usize {
        self.taken + self.queue.len()
    }

    /// An error at the current character.
    pub(super) fn fault_here(&self, problem: Problem) -> SyntaxError {
        let at = self.cursor.offset();
        SyntaxError::new(problem, at..at + self.cursor.char().map_or(0, char::len_utf8))
    }

    /// Reads one token, and the tokens that indentation inserts before it.
    fn fetch(&mut self) -> Result<(), SyntaxError> {
        let fetched = self.fetch_any();
        match self.cursor.forbidden() {
            Some((at, c)) if fetched.is_ok() || self.cursor.offset() >= at => {
                Err(SyntaxError::new(Problem::Forbidden(c), at..at + c.len_utf8()))
            }
            _ => fetched,
        }
    }

    fn fetch_any(&mut self) -> Result<(), SyntaxError> {
        self.skip_to_token();
        self.unroll(self.cursor.column() + 1);
        self.cursor.ensure(4);
        if self.cursor.is_end() {
            return self.fetch_stream_end();
        }
        if self.cursor.column() == 0 && self.cursor.peek(0) == b'%' {
            self.leave_document()?;
            let directive = self.scan_directive()?;
            self.push(directive);
            return Ok(());
        }
        if self.cursor.is_document_indicator() {
            return self.fetch_document_indicator();
        }
        let line = self.cursor.mark().line;
        self.fetch_content()?;
        let is_entry = self.queue.back().is_some_and(|t| t.kind == TokenKind::BlockEntry);
        let ends_below = self.key_allowed && self.cursor.mark().line != line;
        if !is_entry && !ends_below {
            self.take_line_comment();
        }
        Ok(())
    }

    fn fetch_content(&mut self) -> Result<(), SyntaxError> {
        let flow = self.flow_level() > 0;
        let ends = self.cursor.is_blank_or_end(1);
        match self.cursor.peek(0) {
            b'[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            b']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            b',' => {
                self.drop_key()?;
                self.key_allowed = true;
                self.push_indicator(TokenKind::FlowEntry);
                Ok(())
            }
            b'-' if ends => self.fetch_block_entry(),
            b'?' if flow || ends => self.fetch_key(),
            b':' if flow || ends => self.fetch_value(),
            b'*' => self.fetch_node(|s| s.scan_anchor(TokenKind::Alias)),
            b'&' => self.fetch_node(|s| s.scan_anchor(TokenKind::Anchor)),
            b'!' => self.fetch_node(Self::scan_tag),
            b'|' if !flow => self.fetch_block(ScalarStyle::Literal),
            b'>' if !flow => self.fetch_block(ScalarStyle::Folded),
            b'\'' => self.fetch_node(|s| s.scan_quoted(ScalarStyle::SingleQuoted)),
            b'"' => self.fetch_node(|s| s.scan_quoted(ScalarStyle::DoubleQuoted)),
            b'\t' => Err(self.fault_here(Problem::Tab)),
            b'|' | b'>' | b'%' | b'@' | b'`' => {
                let c = char::from(self.cursor.peek(0));
                Err(self.fault_here(Problem::CannotStart(c)))
            }
            _ => self.fetch_node(Self::scan_plain),
        }
    }

    pub(super) fn push(&mut self, token: Token<'a>) {
        self.queue.push_back(token);
    }

    /// A token of one character.
    pub(super) fn push_indicator(&mut self, kind: TokenKind<'a>) {
        let start = self.cursor.offset();
        self.cursor.advance();
        self.push(Token { kind, start, end: self.cursor.offset() });
    }

    /// Reads what can start a simple key: a scalar, an alias, an anchor or a tag.
    fn fetch_node(
        &mut self,
        scan: impl FnOnce(&mut Self) -> Result<Token<'a>, SyntaxError>,
    ) -> Result<(), SyntaxError> {
        self.save_key()?;
        self.key_allowed = false;
        let token = scan(self)?;
        self.push(token);
        Ok(())
    }

    fn fetch_block(&mut self, style: ScalarStyle) -> Result<(), SyntaxError> {
        self.drop_key()?;
        self.key_allowed = true;
        let token = self.scan_block(style)?;
        self.push(token);
        Ok(())
    }

    fn fetch_stream_end(&mut self) -> Result<(), SyntaxError> {
        self.unroll(0);
        self.drop_key()?;
        self.keys.clear();
        self.key_allowed = false;
        let end = self.cursor.offset();
        self.push(Token { kind: TokenKind::StreamEnd, start: end, end });
        Ok(())
    }

    fn leave_document(&mut self) -> Result<(), SyntaxError> {
        self.unroll(0);
        self.drop_key()?;
        self.key_allowed = false;
        Ok(())
    }

    fn fetch_document_indicator(&mut self) -> Result<(), SyntaxError> {
        self.leave_document()?;
        let start = self.cursor.offset();
        let kind = match self.cursor.peek(0) {
            b'-' => TokenKind::DocumentStart,
            _ => TokenKind::DocumentEnd,
        };
        self.cursor.advance_by(3);
        self.push(Token { kind, start, end: self.cursor.offset() });
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// All tokens of a text, or its first error.
    pub fn tokens(text: &str) -> Result<Vec<TokenKind<'_>>, SyntaxError> {
        let mut scanner = Scanner::new(text);
        let mut tokens = Vec::new();
        while tokens.last() != Some(&TokenKind::StreamEnd) {
            tokens.push(scanner.take()?.kind);
        }
        Ok(tokens)
    }

    /// The first error of a text, and the text at its place.
    pub fn fault(text: &str) -> (Problem, &str) {
        let fault = tokens(text).expect_err(text);
        (fault.problem, &text[fault.at])
    }

    /// The only scalar of a text.
    pub fn scalar(text: &str) -> String {
        let mut scalars = tokens(text).expect(text).into_iter().filter_map(|kind| match kind {
            TokenKind::Scalar { value, .. } => Some(value.into_owned()),
            _ => None,
        });
        let scalar = scalars.next().expect(text);
        assert_eq!(scalars.next(), None, "{text:?}");
        scalar
    }

    #[test]
    fn looks_two_tokens_ahead_and_no_further() {
        let mut scanner = Scanner::new("a\n---\n- @");
        assert!(scanner.take().is_ok());
        let start = scanner.take().unwrap();
        assert_eq!(start.kind, TokenKind::DocumentStart);
        assert!(scanner.peek().is_err());
        assert!(Scanner::new("a\n---\n@").peek().is_err());
    }

    #[test]
    fn rejects_characters_that_cannot_start_a_token() {
        for text in ["@a", "`a", "a: %b", "[|]"] {
            assert!(matches!(fault(text).0, Problem::CannotStart(_)), "{text}");
        }
        assert_eq!(fault("a:\n\tb: c"), (Problem::Tab, "\t"));
        assert_eq!(fault("a: b\u{1}c"), (Problem::Forbidden('\u{1}'), "\u{1}"));
        assert_eq!(fault("a: 'b\0c'"), (Problem::Forbidden('\0'), "\0"));
    }
}
