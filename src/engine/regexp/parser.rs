//! Parses a pattern into a tree, or finds its first error.
//!
//! Follows Go's `regexp/syntax` with the flags `Perl` exactly: what is rejected, and which of
//! several errors comes first, depends on the order of its steps. This file contains the main loop,
//! groups and repetitions; `escape` and `bracket` contain the rest.

use super::class::Class;
use super::fault::{PatternFault, Reason};
use super::limits::{MAX_ROUNDS, are_rounds_few};
use super::stack::Stack;
use super::tree::{Flags, Id, Look, Op, Tree};
use std::collections::HashMap;

pub type Parsed<T> = Result<T, PatternFault>;

pub struct Parser<'p> {
    pub pattern: &'p str,
    /// The next byte to read.
    pub at: usize,
    pub flags: Flags,
    pub stack: Stack,
    /// Whether no `:]` is known to follow.
    pub is_without_named_end: bool,
    /// The Unicode classes used so far: case-insensitive or not, negated or not.
    pub known: HashMap<(&'p str, bool, bool), Class>,
}

/// The tree of a pattern, and its root.
///
/// # Errors
/// Go rejects it.
pub fn parse(pattern: &str) -> Parsed<(Tree, Id)> {
    let mut parser = Parser {
        pattern,
        at: 0,
        flags: Flags::default(),
        stack: Stack::default(),
        is_without_named_end: false,
        known: HashMap::new(),
    };
    let mut repetition = None;
    while let Some(c) = parser.peek() {
        repetition = parser.read_item(c, repetition)?;
    }
    parser.close_branches()?;
    let (root, open) = parser.stack.finish();
    match open {
        Some(at) => Err(PatternFault::new(Reason::OpenGroup, at..at + 1)),
        None => Ok((parser.stack.tree, root)),
    }
}

impl<'p> Parser<'p> {
    pub fn rest(&self) -> &'p str {
        self.pattern.get(self.at..).unwrap_or("")
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    pub fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// An error in the bytes from `start` up to here.
    pub fn fault<T>(&self, reason: Reason, start: usize) -> Parsed<T> {
        Err(PatternFault::new(reason, start..self.at))
    }

    /// An error of the whole pattern.
    fn placed<T>(&self, result: Result<T, Reason>) -> Parsed<T> {
        result.map_err(|reason| PatternFault::new(reason, 0..self.pattern.len()))
    }

    pub fn push(&mut self, op: Op) -> Parsed<()> {
        let pushed = self.stack.push_new(op, self.flags);
        self.placed(pushed)
    }

    pub fn push_char(&mut self, c: u32) -> Parsed<()> {
        let pushed = self.stack.push_char(c, self.flags);
        self.placed(pushed)
    }

    pub fn push_made(&mut self, id: Id) -> Parsed<()> {
        let pushed = self.stack.push(id, self.flags);
        self.placed(pushed)
    }

    /// Parses one item; for a repetition, returns where its operator starts.
    fn read_item(&mut self, c: char, repetition: Option<usize>) -> Parsed<Option<usize>> {
        match c {
            '(' => self.read_open()?,
            '[' => self.read_class()?,
            '\\' => self.read_escape()?,
            '*' | '+' | '?' | '{' => return self.read_repetition(c, repetition),
            _ => self.read_plain(c)?,
        }
        Ok(None)
    }

    fn read_plain(&mut self, c: char) -> Parsed<()> {
        let start = self.at;
        self.next();
        let Flags { multi_line, dot_newline, .. } = self.flags;
        match c {
            '|' => {
                let split = self.stack.split(self.flags);
                self.placed(split)
            }
            ')' => self.read_close(start),
            '^' if multi_line => self.push(Op::Look(Look::LineStart)),
            '^' => self.push(Op::Look(Look::TextStart)),
            '$' if multi_line => self.push(Op::Look(Look::LineEnd)),
            '$' => self.push(Op::Look(Look::TextEnd)),
            '.' if dot_newline => self.push(Op::Any),
            '.' => self.push(Op::NotNewline),
            _ => self.push_char(c.into()),
        }
    }

    fn close_branches(&mut self) -> Parsed<()> {
        let closed = self.stack.close_branches(self.flags);
        self.placed(closed)
    }

    fn read_close(&mut self, start: usize) -> Parsed<()> {
        self.close_branches()?;
        let Some(flags) = self.stack.open_flags() else {
            return self.fault(Reason::StrayClose, start);
        };
        self.flags = flags;
        let closed = self.stack.close_group(flags);
        self.placed(closed)
    }

    fn read_open(&mut self) -> Parsed<()> {
        let start = self.at;
        if self.rest().starts_with("(?") {
            return self.read_extended_open(start);
        }
        self.next();
        self.push(Op::Open { at: start, captures: true })
    }

    fn read_extended_open(&mut self, start: usize) -> Parsed<()> {
        let rest = self.rest();
        if rest.len() > 4 && self.eat("(?P<") || rest.len() > 3 && self.eat("(?<") {
            return self.read_name(start);
        }
        self.at += 2;
        self.read_flags(start)
    }

    /// The name of a group and its `>`.
    fn read_name(&mut self, start: usize) -> Parsed<()> {
        let name_start = self.at;
        let Some(length) = self.rest().find('>') else {
            return self.blame_name(start);
        };
        let name = self.rest().get(..length).unwrap_or("");
        let is_name = |name: &str| name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
        if name.is_empty() || !is_name(name) {
            return self.blame_name(start);
        }
        self.at = name_start + length + 1;
        self.push(Op::Open { at: start, captures: true })
    }

    /// An error in the opening, including what looks like a name or a look-behind.
    fn blame_name(&mut self, start: usize) -> Parsed<()> {
        if !self.eat("=") && !self.eat("!") {
            let end = self.rest().find(['>', '(', ')']);
            self.at += end.unwrap_or(self.rest().len());
            self.eat(">");
        }
        self.fault(Reason::GroupName, start)
    }

    /// Flags up to `)`, or up to `:` of a group with these flags.
    fn read_flags(&mut self, start: usize) -> Parsed<()> {
        let mut flags = self.flags;
        let mut value = true;
        let mut is_complete = true;
        while let Some(c) = self.next() {
            match c {
                'i' => flags.fold = value,
                'm' => flags.multi_line = value,
                's' => flags.dot_newline = value,
                'U' => flags.lazy = value,
                '-' if value => value = false,
                ')' if is_complete => {
                    self.flags = flags;
                    return Ok(());
                }
                ':' if is_complete => {
                    self.push(Op::Open { at: start, captures: false })?;
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            is_complete = c != '-';
        }
        self.fault(Reason::GroupSyntax, start)
    }

    fn read_repetition(&mut self, c: char, before: Option<usize>) -> Parsed<Option<usize>> {
        let start = self.at;
        let Some((min, max)) = self.read_operator(c)? else {
            self.at = start + 1;
            return self.push_char(c.into()).map(|()| None);
        };
        let lazy = self.eat("?");
        if let Some(before) = before {
            return self.fault(Reason::RepeatedRepeat, before);
        }
        let Some(sub) = self.stack.repeatable() else {
            return self.fault(Reason::NothingToRepeat, start);
        };
        let op = match c {
            '*' => Op::Star(sub),
            '+' => Op::Plus(sub),
            '?' => Op::Optional(sub),
            _ => Op::Repeat { sub, min, max },
        };
        let flags = Flags { lazy: lazy != self.flags.lazy, ..self.flags };
        let repeated = self.stack.replace_top(op, flags);
        let id = self.placed(repeated)?;
        let is_counted = c == '{' && (min >= 2 || max.is_some_and(|max| max >= 2));
        if is_counted && !are_rounds_few(&self.stack.tree, id, MAX_ROUNDS) {
            return self.fault(Reason::RepeatProduct, start);
        }
        Ok(Some(start))
    }

    /// The bounds of a repetition; `None` if it is not an operator.
    fn read_operator(&mut self, c: char) -> Parsed<Option<(u32, Option<u32>)>> {
        if c == '{' {
            return self.read_repetitions();
        }
        self.next();
        Ok(Some((0, None)))
    }

    /// `{n}`, `{n,}` or `{n,m}`; `None` if it is something else and thus literal.
    fn read_repetitions(&mut self) -> Parsed<Option<(u32, Option<u32>)>> {
        let start = self.at;
        self.next();
        let Some(min) = self.read_count() else {
            return Ok(None);
        };
        let max = if !self.eat(",") {
            Some(min)
        } else if self.rest().starts_with('}') {
            None
        } else {
            match self.read_count() {
                Some(max) => Some(max),
                None => return Ok(None),
            }
        };
        if !self.eat("}") {
            return Ok(None);
        }
        if min > MAX_ROUNDS || max.is_some_and(|max| max > MAX_ROUNDS) {
            return self.fault(Reason::RepeatCount, start);
        }
        if max.is_some_and(|max| min > max) {
            return self.fault(Reason::RepeatOrder, start);
        }
        Ok(Some((min, max)))
    }

    /// A number without leading zeros; too large numbers read as the maximum.
    fn read_count(&mut self) -> Option<u32> {
        let rest = self.rest();
        let digits = rest.get(..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))?;
        if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        self.at += digits.len();
        Some(digits.parse().unwrap_or(u32::MAX))
    }
}
