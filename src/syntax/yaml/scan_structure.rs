//! Brackets, indicators and indentation, which start and end collections.

use super::cursor::Mark;
use super::problem::{Context, Problem, SyntaxError};
use super::scanner::Scanner;
use super::token::{Token, TokenKind};

/// The maximum nesting depth of go-yaml, for both brackets and indentation.
const MAX_NESTING: usize = 10_000;

impl<'a> Scanner<'a> {
    pub(super) fn fetch_flow_start(&mut self, kind: TokenKind<'a>) -> Result<(), SyntaxError> {
        self.save_key()?;
        self.flows.push(self.next_token());
        if self.flow_level() > MAX_NESTING {
            return Err(self.fault_here(Problem::TooDeep));
        }
        self.key_allowed = true;
        self.push_indicator(kind);
        Ok(())
    }

    pub(super) fn fetch_flow_end(&mut self, kind: TokenKind<'a>) -> Result<(), SyntaxError> {
        self.drop_key()?;
        let released = self.flows.pop();
        if let Some(key) = self.keys.back_mut().filter(|key| Some(key.token) == released) {
            key.released = true;
        }
        self.key_allowed = false;
        self.push_indicator(kind);
        Ok(())
    }

    pub(super) fn fetch_block_entry(&mut self) -> Result<(), SyntaxError> {
        self.begin_entry(Problem::StrayEntry, TokenKind::BlockSequenceStart)?;
        self.drop_key()?;
        self.key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry);
        Ok(())
    }

    pub(super) fn fetch_key(&mut self) -> Result<(), SyntaxError> {
        self.begin_entry(Problem::StrayKey, TokenKind::BlockMappingStart)?;
        self.drop_key()?;
        self.key_allowed = self.flow_level() == 0;
        self.push_indicator(TokenKind::Key);
        Ok(())
    }

    pub(super) fn fetch_value(&mut self) -> Result<(), SyntaxError> {
        if let Some(key) = self.take_key()? {
            let Mark { offset, column, .. } = key.mark;
            let at = key.token.checked_sub(self.taken).unwrap_or(self.queue.len());
            self.queue.insert(at, Token { kind: TokenKind::Key, start: offset, end: offset });
            let at = key.token.checked_sub(self.taken).unwrap_or(self.queue.len());
            self.roll(column, at, TokenKind::BlockMappingStart, offset)?;
            self.key_allowed = false;
        } else {
            self.begin_entry(Problem::StrayValue, TokenKind::BlockMappingStart)?;
            self.key_allowed = self.flow_level() == 0;
        }
        self.push_indicator(TokenKind::Value);
        Ok(())
    }

    /// The indicator of an entry starts a collection if it is indented further than the parent.
    fn begin_entry(&mut self, stray: Problem, kind: TokenKind<'a>) -> Result<(), SyntaxError> {
        if self.flow_level() > 0 {
            return Ok(());
        }
        if !self.key_allowed {
            return Err(self.stray(stray));
        }
        self.roll(self.cursor.column(), self.queue.len(), kind, self.cursor.offset())
    }

    /// An unexpected indicator; inside a multi-line scalar the error says so.
    fn stray(&self, problem: Problem) -> SyntaxError {
        match self.queue.back() {
            Some(Token { kind: TokenKind::Scalar { .. }, start, end }) => {
                let continues = self.cursor.slice(*start, *end).contains('\n');
                let problem = if continues { Problem::Continues } else { problem };
                self.fault_here(problem).within(Context::Text, *start)
            }
            _ => self.fault_here(problem),
        }
    }

    /// Starts a block collection at `position` in the queue, if `column` is indented further.
    fn roll(
        &mut self,
        column: usize,
        position: usize,
        kind: TokenKind<'a>,
        offset: usize,
    ) -> Result<(), SyntaxError> {
        if self.flow_level() > 0 || self.margin > column {
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

    /// Ends the block collections that are indented further than `margin`.
    pub(super) fn unroll(&mut self, margin: usize) {
        while self.flow_level() == 0 && self.margin > margin {
            let at = self.cursor.offset();
            self.push(Token { kind: TokenKind::BlockEnd, start: at, end: at });
            self.margin = self.margins.pop().unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml::scanner::tests::{fault, tokens};
    use TokenKind as T;

    #[test]
    fn indentation_produces_tokens() {
        let kinds = tokens("a:\n- b\n").unwrap();
        let begins = |kind: &T<'_>| kinds.iter().filter(|k| *k == kind).count();
        assert_eq!([begins(&T::BlockMappingStart), begins(&T::BlockSequenceStart)], [1, 0]);
        let kinds = tokens("- - ? a\n").unwrap();
        assert_eq!(kinds.iter().filter(|k| **k == T::BlockEnd).count(), 3);
    }

    #[test]
    fn brackets_ignore_indentation() {
        assert!(tokens("a: [\nb, {c:\nd}\n]").is_ok());
        let kinds = tokens("[- a]").unwrap();
        assert!(kinds.contains(&T::BlockEntry) && !kinds.contains(&T::BlockSequenceStart));
    }

    #[test]
    fn rejects_misplaced_indicators() {
        assert_eq!(fault("a: b: c"), (Problem::StrayValue, ":"));
        assert_eq!(fault("a: - b"), (Problem::StrayEntry, "-"));
        assert_eq!(fault("a: ? b"), (Problem::StrayKey, "?"));
    }

    #[test]
    fn allows_ten_thousand_levels() {
        for (open, close) in [("[", "]"), ("- ", "")] {
            let nested = |depth| open.repeat(depth) + &close.repeat(depth);
            assert!(tokens(&nested(MAX_NESTING)).is_ok(), "{open}");
            assert_eq!(fault(&nested(MAX_NESTING + 1)).0, Problem::TooDeep, "{open}");
        }
    }
}
