//! Turns tokens into events: the grammar of YAML as go-yaml implements it.
//!
//! Keeps its own stack instead of recursing, so that deep nesting cannot overflow the call stack. Must
//! not know characters (`scanner` does) or build nodes (`compose` does).

use super::event::{Event, EventKind, Properties};
use super::problem::{Problem, SyntaxError};
use super::scanner::Scanner;
use super::token::{ScalarStyle, Tag, Token, TokenKind};
use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// What the parser expects next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    FirstDocument,
    NextDocument,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequence,
    IndentlessSequence,
    BlockKey,
    BlockValue,
    /// `first` until the first item is read, which has no comma before it.
    FlowSequence {
        first: bool,
    },
    /// A mapping with one entry inside a flow sequence: `[a: b]`.
    PairKey,
    PairValue,
    PairEnd,
    FlowKey {
        first: bool,
    },
    FlowValue,
    /// A flow mapping's key without a `:`.
    FlowNoValue,
    End,
}

/// The position of a value, which decides what it may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Block,
    /// An entry of a block mapping, where lists need no indentation.
    BlockEntry,
    Flow,
}

/// Iterates over the events of a text and ends with the first error.
pub struct Parser<'a> {
    pub(super) scanner: Scanner<'a>,
    pub(super) state: State,
    /// The states to return to after the current value.
    states: Vec<State>,
    /// The starts of the open collections.
    pub(super) openings: Vec<usize>,
    handles: HashMap<&'a str, Cow<'a, str>, RandomState>,
    /// The end of the last visible token.
    pub(super) end: usize,
}

pub(super) type Step<'a> = Result<Event<'a>, SyntaxError>;

impl<'a> Iterator for Parser<'a> {
    type Item = Result<Event<'a>, SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step().transpose()?;
        if step.is_err() {
            self.state = State::End;
        }
        Some(step)
    }
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            scanner: Scanner::new(text),
            state: State::FirstDocument,
            states: Vec::new(),
            openings: Vec::new(),
            handles: HashMap::default(),
            end: 0,
        }
    }

    /// The bytes of the comments read so far, from `#` to the end of the line.
    pub fn comments(&self) -> &[Range<usize>] {
        self.scanner.comments()
    }

    fn step(&mut self) -> Result<Option<Event<'a>>, SyntaxError> {
        match self.state {
            State::FirstDocument => self.document_start(true),
            State::NextDocument => self.document_start(false),
            State::End => Ok(None),
            State::DocumentContent => self.document_content().map(Some),
            State::DocumentEnd => self.document_end().map(Some),
            State::BlockNode => self.node(Place::Block).map(Some),
            State::BlockSequence => self.block_sequence().map(Some),
            State::IndentlessSequence => self.indentless_sequence().map(Some),
            State::BlockKey => self.block_key().map(Some),
            State::BlockValue => self.block_value().map(Some),
            State::FlowSequence { first } => self.flow_sequence(first).map(Some),
            State::PairKey => self.pair_key().map(Some),
            State::PairValue => self.pair_value().map(Some),
            State::PairEnd => Ok(Some(self.pair_end())),
            State::FlowKey { first } => self.flow_key(first).map(Some),
            State::FlowValue => self.flow_value().map(Some),
            State::FlowNoValue => Ok(Some(self.empty(State::FlowKey { first: false }))),
        }
    }

    pub(super) fn peek(&mut self) -> Result<&TokenKind<'a>, SyntaxError> {
        self.scanner.peek().map(|token| &token.kind)
    }

    pub(super) fn take(&mut self) -> Result<Token<'a>, SyntaxError> {
        let token = self.scanner.take()?;
        if token.end > token.start {
            self.end = token.end;
        }
        Ok(token)
    }

    /// Returns to the collection that contains the current value.
    pub(super) fn resume(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    /// Reads a value and continues with `then`.
    pub(super) fn child(&mut self, place: Place, then: State) -> Step<'a> {
        self.states.push(then);
        self.node(place)
    }

    /// An omitted value.
    pub(super) fn empty(&mut self, then: State) -> Event<'a> {
        self.state = then;
        let kind = EventKind::Scalar {
            value: Cow::Borrowed(""),
            style: ScalarStyle::Plain,
            properties: Properties::default(),
        };
        self.event_after(kind)
    }

    /// An event without a token, placed after the last one.
    pub(super) fn event_after(&self, kind: EventKind<'a>) -> Event<'a> {
        Event { kind, start: self.end, end: self.end }
    }

    fn document_start(&mut self, first: bool) -> Result<Option<Event<'a>>, SyntaxError> {
        while !first && *self.peek()? == TokenKind::DocumentEnd {
            self.take()?;
        }
        let (kind, start) = self.scanner.peek().map(|token| (&token.kind, token.start))?;
        let explicit = matches!(
            kind,
            TokenKind::Version { .. } | TokenKind::TagHandle { .. } | TokenKind::DocumentStart
        );
        if *kind == TokenKind::StreamEnd {
            self.state = State::End;
            return Ok(None);
        }
        self.states.push(State::DocumentEnd);
        self.state = State::BlockNode;
        self.directives()?;
        let mut end = start;
        if explicit || !first {
            self.state = State::DocumentContent;
            if *self.peek()? != TokenKind::DocumentStart {
                let token = self.take()?;
                return Err(SyntaxError::new(Problem::NoDocumentStart, token.start..token.end));
            }
            end = self.take()?.end;
        }
        Ok(Some(Event { kind: EventKind::DocumentStart, start, end }))
    }

    fn directives(&mut self) -> Result<(), SyntaxError> {
        let mut versions = 0;
        while matches!(self.peek()?, TokenKind::Version { .. } | TokenKind::TagHandle { .. }) {
            let Token { kind, start, end } = self.take()?;
            let fault = |problem| Err(SyntaxError::new(problem, start..end));
            match kind {
                TokenKind::Version { .. } if versions > 0 => {
                    return fault(Problem::DuplicateDirective);
                }
                TokenKind::Version { major: 1, minor: 1 } => versions += 1,
                TokenKind::TagHandle { handle, .. } if self.prefix(handle).is_some() => {
                    return fault(Problem::DuplicateDirective);
                }
                TokenKind::TagHandle { handle, prefix } => {
                    self.handles.insert(handle, prefix);
                }
                _ => return fault(Problem::Version),
            }
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            self.handles.entry(handle).or_insert(Cow::Borrowed(prefix));
        }
        Ok(())
    }

    fn prefix(&self, handle: &str) -> Option<&Cow<'a, str>> {
        self.handles.get(handle)
    }

    fn document_content(&mut self) -> Step<'a> {
        let is_empty = matches!(
            self.peek()?,
            TokenKind::Version { .. }
                | TokenKind::TagHandle { .. }
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        );
        if is_empty {
            self.resume();
            return Ok(self.empty(self.state));
        }
        self.node(Place::Block)
    }

    fn document_end(&mut self) -> Step<'a> {
        let event = if *self.peek()? == TokenKind::DocumentEnd {
            let Token { start, end, .. } = self.take()?;
            Event { kind: EventKind::DocumentEnd, start, end }
        } else {
            self.event_after(EventKind::DocumentEnd)
        };
        self.handles.clear();
        self.state = State::NextDocument;
        Ok(event)
    }

    fn node(&mut self, place: Place) -> Step<'a> {
        if let TokenKind::Alias(name) = *self.peek()? {
            let Token { start, end, .. } = self.take()?;
            self.resume();
            return Ok(Event { kind: EventKind::Alias { name }, start, end });
        }
        let (properties, start) = self.properties()?;
        let block = place != Place::Flow;
        let (kind, first) = match self.peek()? {
            TokenKind::BlockEntry if place == Place::BlockEntry => {
                self.state = State::IndentlessSequence;
                let kind = EventKind::SequenceStart { flow: false, properties };
                let entry = self.scanner.peek()?.start;
                return Ok(Event { kind, start: start.unwrap_or(entry), end: entry });
            }
            TokenKind::Scalar { .. } => return self.scalar(properties, start),
            TokenKind::FlowSequenceStart => (
                EventKind::SequenceStart { flow: true, properties },
                State::FlowSequence { first: true },
            ),
            TokenKind::FlowMappingStart => {
                (EventKind::MappingStart { flow: true, properties }, State::FlowKey { first: true })
            }
            TokenKind::BlockSequenceStart if block => {
                (EventKind::SequenceStart { flow: false, properties }, State::BlockSequence)
            }
            TokenKind::BlockMappingStart if block => {
                (EventKind::MappingStart { flow: false, properties }, State::BlockKey)
            }
            _ => return self.absent(properties, start),
        };
        let token = self.take()?;
        self.openings.push(token.start);
        self.state = first;
        Ok(Event { kind, start: start.unwrap_or(token.start), end: token.end })
    }

    fn scalar(&mut self, properties: Properties<'a>, from: Option<usize>) -> Step<'a> {
        let Token { kind, start, end } = self.take()?;
        self.resume();
        let TokenKind::Scalar { value, style } = kind else {
            return Ok(self.empty(self.state));
        };
        let kind = EventKind::Scalar { value, style, properties };
        Ok(Event { kind, start: from.unwrap_or(start), end })
    }

    /// Properties alone are an empty value; a missing value is an error.
    fn absent(&mut self, properties: Properties<'a>, start: Option<usize>) -> Step<'a> {
        let Some(start) = start else {
            let token = self.take()?;
            return Err(SyntaxError::new(Problem::NoValue, token.start..token.end));
        };
        self.resume();
        let Event { kind, end, .. } = self.empty(self.state);
        let kind = match kind {
            EventKind::Scalar { value, style, .. } => {
                EventKind::Scalar { value, style, properties }
            }
            other => other,
        };
        Ok(Event { kind, start, end })
    }

    /// An anchor and a tag in either order, and the start of the first of them.
    fn properties(&mut self) -> Result<(Properties<'a>, Option<usize>), SyntaxError> {
        let mut properties = Properties::default();
        let mut start = None;
        loop {
            match self.peek()? {
                TokenKind::Anchor(name) if properties.anchor.is_none() => {
                    properties.anchor = Some(*name);
                    start = start.or(Some(self.take()?.start));
                }
                TokenKind::Tag(_) if properties.tag.is_none() => {
                    let token = self.take()?;
                    start = start.or(Some(token.start));
                    properties.tag = Some(self.long_tag(token)?);
                }
                _ => return Ok((properties, start)),
            }
        }
    }

    fn long_tag(&self, token: Token<'a>) -> Result<Cow<'a, str>, SyntaxError> {
        match token.kind {
            TokenKind::Tag(Tag { handle: "", suffix }) => Ok(suffix),
            TokenKind::Tag(Tag { handle, suffix }) => match self.prefix(handle) {
                Some(prefix) => Ok(Cow::Owned(format!("{prefix}{suffix}"))),
                None => Err(SyntaxError::new(Problem::TagHandle, token.start..token.end)),
            },
            _ => Ok(Cow::Borrowed("!")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> Option<Problem> {
        Parser::new(text).find_map(Result::err).map(|fault| fault.problem)
    }

    #[test]
    fn directives_apply_to_one_document() {
        let declared = "%TAG !e! tag:e:\n---\n!e!x a\n";
        assert_eq!(problem(declared), None);
        assert_eq!(problem(&format!("{declared}---\n!e!x a")), Some(Problem::TagHandle));
        assert_eq!(problem("%TAG ! tag:e:\n%TAG ! x\n---"), Some(Problem::DuplicateDirective));
        assert_eq!(problem("%YAML 1.1\n%YAML 1.1\n---"), Some(Problem::DuplicateDirective));
        assert_eq!(problem("%YAML 1.2\n---\na"), Some(Problem::Version));
        assert_eq!(problem("%YAML 1.1\na"), Some(Problem::NoDocumentStart));
    }

    #[test]
    fn ends_with_the_first_error() {
        let mut parser = Parser::new("[a");
        assert!(parser.by_ref().any(|event| event.is_err()));
        assert_eq!(parser.next(), None);
    }

    #[test]
    fn a_missing_value_is_an_error() {
        for text in ["[,]", "[a, , b]", "...", "a: ]", "- ,"] {
            assert_eq!(problem(text), Some(Problem::NoValue), "{text}");
        }
    }
}
