//! The grammar of block and flow collections.

use super::event::{Event, EventKind, Properties};
use super::parser::{Parser, Place, State, Step};
use super::problem::{Context, Problem, SyntaxError};
use super::token::{Token, TokenKind};
use std::ops::Range;

impl<'a> Parser<'a> {
    pub(super) fn block_sequence(&mut self) -> Step<'a> {
        match self.peek()? {
            TokenKind::BlockEntry => {
                self.take()?;
                match self.peek()? {
                    TokenKind::BlockEntry | TokenKind::BlockEnd => {
                        Ok(self.empty(State::BlockSequence))
                    }
                    _ => self.child(Place::Block, State::BlockSequence),
                }
            }
            TokenKind::BlockEnd => self.block_end(EventKind::SequenceEnd),
            _ => Err(self.fault_at_next(Problem::NoEntry, Context::List)),
        }
    }

    fn block_end(&mut self, kind: EventKind<'a>) -> Step<'a> {
        self.take()?;
        self.openings.pop();
        self.resume();
        Ok(self.event_after(kind))
    }

    /// A list whose `-` are in the same column as the key it belongs to.
    pub(super) fn indentless_sequence(&mut self) -> Step<'a> {
        if *self.peek()? != TokenKind::BlockEntry {
            self.resume();
            return Ok(self.event_after(EventKind::SequenceEnd));
        }
        self.take()?;
        match self.peek()? {
            TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                Ok(self.empty(State::IndentlessSequence))
            }
            _ => self.child(Place::Block, State::IndentlessSequence),
        }
    }

    pub(super) fn block_key(&mut self) -> Step<'a> {
        match self.peek()? {
            TokenKind::Key => self.block_entry(State::BlockValue),
            TokenKind::BlockEnd => self.block_end(EventKind::MappingEnd),
            _ => Err(self.fault_at_next(Problem::NoKey, Context::Mapping)),
        }
    }

    pub(super) fn block_value(&mut self) -> Step<'a> {
        match self.peek()? {
            TokenKind::Value => self.block_entry(State::BlockKey),
            _ => Ok(self.empty(State::BlockKey)),
        }
    }

    /// A key or value of a block mapping, with its indicator.
    fn block_entry(&mut self, then: State) -> Step<'a> {
        self.take()?;
        match self.peek()? {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => Ok(self.empty(then)),
            _ => self.child(Place::BlockEntry, then),
        }
    }

    pub(super) fn flow_sequence(&mut self, first: bool) -> Step<'a> {
        self.comma(first, &TokenKind::FlowSequenceEnd, Problem::OpenSequence)?;
        match self.peek()? {
            TokenKind::FlowSequenceEnd => self.flow_end(EventKind::SequenceEnd),
            TokenKind::Key => {
                let Token { start, end, .. } = self.take()?;
                self.state = State::PairKey;
                let properties = Properties::default();
                let kind = EventKind::MappingStart { flow: true, properties };
                Ok(Event { kind, start, end })
            }
            _ => self.child(Place::Flow, State::FlowSequence { first: false }),
        }
    }

    /// A comma is required between items and optional after the last one.
    fn comma(
        &mut self,
        first: bool,
        end: &TokenKind<'a>,
        open: Problem,
    ) -> Result<(), SyntaxError> {
        match self.peek()? {
            _ if first => {}
            TokenKind::FlowEntry => {
                self.take()?;
            }
            kind if kind == end => {}
            _ => return Err(self.fault_at_next(open, Context::Opening)),
        }
        Ok(())
    }

    fn flow_end(&mut self, kind: EventKind<'a>) -> Step<'a> {
        let Token { start, end, .. } = self.take()?;
        self.openings.pop();
        self.resume();
        Ok(Event { kind, start, end })
    }

    /// go-yaml skips the token after a `?` without a key, whatever it is.
    pub(super) fn pair_key(&mut self) -> Step<'a> {
        match self.peek()? {
            TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowSequenceEnd => {
                self.take()?;
                Ok(self.empty(State::PairValue))
            }
            _ => self.child(Place::Flow, State::PairValue),
        }
    }

    pub(super) fn pair_value(&mut self) -> Step<'a> {
        if *self.peek()? == TokenKind::Value {
            self.take()?;
            if !matches!(self.peek()?, TokenKind::FlowEntry | TokenKind::FlowSequenceEnd) {
                return self.child(Place::Flow, State::PairEnd);
            }
        }
        Ok(self.empty(State::PairEnd))
    }

    pub(super) fn pair_end(&mut self) -> Event<'a> {
        self.state = State::FlowSequence { first: false };
        self.event_after(EventKind::MappingEnd)
    }

    pub(super) fn flow_key(&mut self, first: bool) -> Step<'a> {
        self.comma(first, &TokenKind::FlowMappingEnd, Problem::OpenMapping)?;
        match self.peek()? {
            TokenKind::FlowMappingEnd => self.flow_end(EventKind::MappingEnd),
            TokenKind::Key => {
                self.take()?;
                match self.peek()? {
                    TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                        Ok(self.empty(State::FlowValue))
                    }
                    _ => self.child(Place::Flow, State::FlowValue),
                }
            }
            _ => self.child(Place::Flow, State::FlowNoValue),
        }
    }

    pub(super) fn flow_value(&mut self) -> Step<'a> {
        let then = State::FlowKey { first: false };
        if *self.peek()? == TokenKind::Value {
            self.take()?;
            if !matches!(self.peek()?, TokenKind::FlowEntry | TokenKind::FlowMappingEnd) {
                return self.child(Place::Flow, then);
            }
        }
        Ok(self.empty(then))
    }

    /// Whether a token is on the line where the last value ends.
    fn is_on_line_of_value(&self, word: &Range<usize>) -> bool {
        let between = self.scanner.cursor.slice(self.end, word.start);
        !word.is_empty() && self.end > 0 && !between.contains(['\n', '\r'])
    }

    fn fault_at_next(&mut self, problem: Problem, context: Context) -> SyntaxError {
        let start = self.openings.pop().unwrap_or(self.end);
        match self.scanner.peek() {
            Ok(token) => {
                let at = token.start..token.end;
                let trails = context != Context::Opening && self.is_on_line_of_value(&at);
                let problem = if trails { Problem::Trailing } else { problem };
                SyntaxError::new(problem, at).within(context, start)
            }
            Err(fault) => fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> SyntaxError {
        Parser::new(text).find_map(Result::err).expect(text)
    }

    #[test]
    fn errors_name_the_missing_token_and_the_opening() {
        for (text, problem, at, context) in [
            ("a: [b\nc: d", Problem::OpenSequence, 7, (Context::Opening, 3)),
            ("a: {b: c", Problem::OpenMapping, 8, (Context::Opening, 3)),
            ("- a\n b: c\n", Problem::Continues, 6, (Context::Text, 2)),
            ("- a\nb: c", Problem::NoEntry, 4, (Context::List, 0)),
            ("a: b\n- c", Problem::NoKey, 5, (Context::Mapping, 0)),
        ] {
            let fault = fault(text);
            assert_eq!((fault.problem, fault.at.start), (problem, at), "{text}");
            assert_eq!(fault.context, Some(context), "{text}");
        }
    }

    #[test]
    fn a_question_mark_without_key_skips_the_bracket() {
        assert_eq!(fault("[?]").problem, Problem::OpenSequence);
    }
}
