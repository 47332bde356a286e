//! Characters → tokens: indentation, simple keys and the look-ahead of the engine's reader.
//!
//! Holds the queue of tokens and what decides on the next one; the `scan_*` files hold how each
//! kind is read. Must not know which tokens may follow which (`parser`).

use super::cursor::{Cursor, Mark};
use super::problem::{Context, Fault, Problem};
use super::token::{ScalarStyle, Token, TokenKind};
use std::collections::VecDeque;
use std::ops::Range;

/// The engine's reader goes no deeper, neither in brackets nor in indentation.
const MAX_NESTING: usize = 10_000;

/// The tokens that the engine's reader has read before it looks at the first of them. A fault in
/// them counts even if they lie behind the document's end.
const LOOK_AHEAD: usize = 3;

/// A key's `:` stands at most so many characters behind its beginning.
const MAX_KEY_LENGTH: usize = 1024;

/// A token that will turn out to begin a key if a `:` follows on its line.
struct SimpleKey {
    /// Its number among all tokens.
    token: usize,
    flow_level: usize,
    mark: Mark,
    /// Can it be nothing else?
    required: bool,
}

/// Reads one token after another.
pub struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    queue: VecDeque<Token<'a>>,
    /// How many tokens have left the queue.
    taken: usize,
    /// At most one for each flow level, the outermost first.
    keys: VecDeque<SimpleKey>,
    key_allowed: bool,
    flow_level: usize,
    /// The least column of what belongs to the innermost block collection's entries; 0 outside.
    margin: usize,
    margins: Vec<usize>,
    comments: Vec<Range<usize>>,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            cursor: Cursor::new(text),
            queue: VecDeque::new(),
            taken: 0,
            keys: VecDeque::new(),
            key_allowed: true,
            flow_level: 0,
            margin: 0,
            margins: Vec::new(),
            comments: Vec::new(),
        }
    }

    /// The comments passed so far, without their line breaks.
    pub fn comments(&self) -> &[Range<usize>] {
        &self.comments
    }

    /// The next token, which stays.
    pub fn peek(&mut self) -> Result<&Token<'a>, Fault> {
        while self.queue.len() < LOOK_AHEAD || self.may_head_be_key()? {
            self.fetch()?;
        }
        Ok(&self.queue[0])
    }

    /// The next token.
    pub fn take(&mut self) -> Result<Token<'a>, Fault> {
        self.peek()?;
        self.taken += 1;
        let end = self.cursor.offset();
        let last = Token { kind: TokenKind::StreamEnd, start: end, end };
        Ok(self.queue.pop_front().unwrap_or(last))
    }

    pub(super) fn flow_level(&self) -> usize {
        self.flow_level
    }

    pub(super) fn margin(&self) -> usize {
        self.margin
    }

    pub(super) fn allows_key(&self) -> bool {
        self.key_allowed
    }

    pub(super) fn allow_key(&mut self) {
        self.key_allowed = true;
    }

    pub(super) fn add_comment(&mut self, comment: Range<usize>) {
        self.comments.push(comment);
    }

    /// A fault of the character at the place.
    pub(super) fn fault_here(&self, problem: Problem) -> Fault {
        let at = self.cursor.offset();
        Fault::new(problem, at..at + self.cursor.char().map_or(0, char::len_utf8))
    }

    /// Reads one token, or several that indentation puts before it.
    fn fetch(&mut self) -> Result<(), Fault> {
        let fetched = self.fetch_any();
        match self.cursor.forbidden() {
            Some((at, c)) if fetched.is_ok() || self.cursor.offset() >= at => {
                Err(Fault::new(Problem::Forbidden(c), at..at + c.len_utf8()))
            }
            _ => fetched,
        }
    }

    fn fetch_any(&mut self) -> Result<(), Fault> {
        self.pass_to_token();
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
        if !is_entry && !(self.key_allowed && self.cursor.mark().line != line) {
            self.take_line_comment();
        }
        Ok(())
    }

    fn fetch_content(&mut self) -> Result<(), Fault> {
        let flow = self.flow_level > 0;
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

    fn push(&mut self, token: Token<'a>) {
        self.queue.push_back(token);
    }

    /// A token of one character.
    fn push_indicator(&mut self, kind: TokenKind<'a>) {
        let start = self.cursor.offset();
        self.cursor.advance();
        self.push(Token { kind, start, end: self.cursor.offset() });
    }

    /// What may begin a simple key: a scalar, an alias, or what stands before one.
    fn fetch_node(
        &mut self,
        scan: impl FnOnce(&mut Self) -> Result<Token<'a>, Fault>,
    ) -> Result<(), Fault> {
        self.save_key()?;
        self.key_allowed = false;
        let token = scan(self)?;
        self.push(token);
        Ok(())
    }

    fn fetch_block(&mut self, style: ScalarStyle) -> Result<(), Fault> {
        self.drop_key()?;
        self.key_allowed = true;
        let token = self.scan_block(style)?;
        self.push(token);
        Ok(())
    }

    fn fetch_stream_end(&mut self) -> Result<(), Fault> {
        self.unroll(0);
        self.drop_key()?;
        self.keys.clear();
        self.key_allowed = false;
        let end = self.cursor.offset();
        self.push(Token { kind: TokenKind::StreamEnd, start: end, end });
        Ok(())
    }

    fn leave_document(&mut self) -> Result<(), Fault> {
        self.unroll(0);
        self.drop_key()?;
        self.key_allowed = false;
        Ok(())
    }

    fn fetch_document_indicator(&mut self) -> Result<(), Fault> {
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

    fn fetch_flow_start(&mut self, kind: TokenKind<'a>) -> Result<(), Fault> {
        self.save_key()?;
        self.flow_level += 1;
        if self.flow_level > MAX_NESTING {
            return Err(self.fault_here(Problem::TooDeep));
        }
        self.key_allowed = true;
        self.push_indicator(kind);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind<'a>) -> Result<(), Fault> {
        self.drop_key()?;
        self.flow_level = self.flow_level.saturating_sub(1);
        self.key_allowed = false;
        self.push_indicator(kind);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), Fault> {
        self.begin_entry(Problem::StrayEntry, TokenKind::BlockSequenceStart)?;
        self.drop_key()?;
        self.key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), Fault> {
        self.begin_entry(Problem::StrayKey, TokenKind::BlockMappingStart)?;
        self.drop_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), Fault> {
        if let Some(key) = self.take_key()? {
            let Mark { offset, column, .. } = key.mark;
            let at = key.token - self.taken;
            self.queue.insert(at, Token { kind: TokenKind::Key, start: offset, end: offset });
            self.roll(column, at, TokenKind::BlockMappingStart, offset)?;
            self.key_allowed = false;
        } else {
            self.begin_entry(Problem::StrayValue, TokenKind::BlockMappingStart)?;
            self.key_allowed = self.flow_level == 0;
        }
        self.push_indicator(TokenKind::Value);
        Ok(())
    }

    /// An entry's indicator begins its collection where it is indented further than what is around.
    fn begin_entry(&mut self, stray: Problem, kind: TokenKind<'a>) -> Result<(), Fault> {
        if self.flow_level > 0 {
            return Ok(());
        }
        if !self.key_allowed {
            return Err(self.stray(stray));
        }
        self.roll(self.cursor.column(), self.queue.len(), kind, self.cursor.offset())
    }

    /// A second `:` on a line is explained by the text that it stands in.
    fn stray(&self, problem: Problem) -> Fault {
        let fault = self.fault_here(problem);
        match self.queue.back() {
            Some(Token { kind: TokenKind::Scalar { .. }, start, end }) if end > start => {
                fault.within(Context::Text, *start)
            }
            _ => fault,
        }
    }

    /// Begins a block collection, at `position` in the queue, if `column` lies further right.
    fn roll(
        &mut self,
        column: usize,
        position: usize,
        kind: TokenKind<'a>,
        offset: usize,
    ) -> Result<(), Fault> {
        if self.flow_level > 0 || self.margin > column {
            return Ok(());
        }
        self.margins.push(self.margin);
        self.margin = column + 1;
        if self.margins.len() > MAX_NESTING {
            return Err(self.fault_here(Problem::TooDeep));
        }
        self.queue.insert(position, Token { kind, start: offset, end: offset });
        Ok(())
    }

    /// Ends the block collections that lie further right than `margin`.
    fn unroll(&mut self, margin: usize) {
        while self.flow_level == 0 && self.margin > margin {
            let at = self.cursor.offset();
            self.push(Token { kind: TokenKind::BlockEnd, start: at, end: at });
            self.margin = self.margins.pop().unwrap_or(0);
        }
    }

    fn save_key(&mut self) -> Result<(), Fault> {
        if !self.key_allowed {
            return Ok(());
        }
        self.drop_key()?;
        let mark = self.cursor.mark();
        self.keys.push_back(SimpleKey {
            token: self.taken + self.queue.len(),
            flow_level: self.flow_level,
            mark,
            required: self.flow_level == 0 && self.margin == mark.column + 1,
        });
        Ok(())
    }

    /// The key of this flow level is none: no `:` has come.
    fn drop_key(&mut self) -> Result<(), Fault> {
        match self.pop_key() {
            Some(key) if key.required => Err(self.no_colon(&key)),
            _ => Ok(()),
        }
    }

    /// The key of this flow level, if a `:` may still follow it.
    fn take_key(&mut self) -> Result<Option<SimpleKey>, Fault> {
        match self.pop_key() {
            Some(key) if !self.is_stale(&key) => Ok(Some(key)),
            Some(key) if key.required => Err(self.no_colon(&key)),
            _ => Ok(None),
        }
    }

    fn pop_key(&mut self) -> Option<SimpleKey> {
        self.keys.back().filter(|key| key.flow_level == self.flow_level)?;
        self.keys.pop_back()
    }

    /// Is the queue's first token waiting for a `:`?
    fn may_head_be_key(&mut self) -> Result<bool, Fault> {
        let Some(key) = self.keys.front().filter(|key| key.token == self.taken) else {
            return Ok(false);
        };
        if !self.is_stale(key) {
            return Ok(true);
        }
        match self.keys.pop_front() {
            Some(key) if key.required => Err(self.no_colon(&key)),
            _ => Ok(false),
        }
    }

    fn is_stale(&self, key: &SimpleKey) -> bool {
        let here = self.cursor.mark();
        key.mark.line < here.line || key.mark.index + MAX_KEY_LENGTH < here.index
    }

    fn no_colon(&self, key: &SimpleKey) -> Fault {
        let start = key.mark.offset;
        let token = self.queue.get(key.token - self.taken);
        let end = token.map_or(start, |token| token.end).max(start);
        Fault::new(Problem::NoColon, start..end)
    }
}
