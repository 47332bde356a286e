//! Simple keys: keys without a `?`, which are only recognised by a `:` later on the line.

use super::problem::{Problem, SyntaxError};
use super::scanner::{Scanner, SimpleKey};

/// The maximum number of characters from the start of a key to its `:`.
const MAX_KEY_LENGTH: usize = 1024;

impl Scanner<'_> {
    pub(super) fn save_key(&mut self) -> Result<(), SyntaxError> {
        if !self.key_allowed {
            return Ok(());
        }
        self.drop_key()?;
        let mark = self.cursor.mark();
        let token = self.next_token();
        if let Some(released) = self.flows.last_mut() {
            *released = token;
        }
        self.keys.push_back(SimpleKey {
            token,
            flow_level: self.flow_level(),
            mark,
            required: self.flow_level() == 0 && self.margin == mark.column + 1,
            released: false,
        });
        Ok(())
    }

    /// Discards the possible key of this flow level, because no `:` followed.
    pub(super) fn drop_key(&mut self) -> Result<(), SyntaxError> {
        match self.pop_key() {
            Some(key) if key.required => Err(self.no_colon(&key)),
            _ => Ok(()),
        }
    }

    /// Takes the possible key of this flow level, if a `:` is still allowed after it.
    pub(super) fn take_key(&mut self) -> Result<Option<SimpleKey>, SyntaxError> {
        match self.pop_key() {
            Some(key) if !self.is_stale(&key) => Ok(Some(key)),
            Some(key) if key.required => Err(self.no_colon(&key)),
            _ => Ok(None),
        }
    }

    fn pop_key(&mut self) -> Option<SimpleKey> {
        self.keys.back().filter(|key| key.flow_level == self.flow_level())?;
        self.keys.pop_back()
    }

    /// Whether the first token in the queue may still turn out to be a key.
    pub(super) fn may_head_be_key(&mut self) -> Result<bool, SyntaxError> {
        let is_passed = |key: &SimpleKey| key.token < self.taken;
        // Usually there is only one key, for the first token.
        let is_first = self.keys.front().is_none_or(|key| !is_passed(key));
        let at = if is_first { 0 } else { self.keys.partition_point(is_passed) };
        let head = self.keys.get(at).filter(|key| key.token == self.taken && !key.released);
        let Some(key) = head else {
            return Ok(false);
        };
        if !self.is_stale(key) {
            return Ok(true);
        }
        match self.keys.remove(at) {
            Some(key) if key.required => Err(self.no_colon(&key)),
            _ => Ok(false),
        }
    }

    fn is_stale(&self, key: &SimpleKey) -> bool {
        let here = self.cursor.mark();
        key.mark.line < here.line || key.mark.index + MAX_KEY_LENGTH < here.index
    }

    fn no_colon(&self, key: &SimpleKey) -> SyntaxError {
        let start = key.mark.offset;
        let token = key.token.checked_sub(self.taken).and_then(|at| self.queue.get(at));
        let end = token.map_or(start, |token| token.end).max(start);
        SyntaxError::new(Problem::NoColon, start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml::scanner::tests::{fault, tokens};

    #[test]
    fn a_key_is_limited_to_one_line_and_1024_characters() {
        for (length, fits) in [(1024, true), (1025, false)] {
            let text = format!("{}: a", "é".repeat(length));
            assert_eq!(tokens(&text).is_ok(), fits, "{length}");
        }
        assert_eq!(fault("'a\nb': c").0, Problem::Continues);
    }

    #[test]
    fn a_line_with_the_indentation_of_a_mapping_must_be_a_key() {
        assert_eq!(fault("a: b\nc\nd: e"), (Problem::NoColon, "c"));
        assert_eq!(fault("a: b\nc d # e"), (Problem::NoColon, "c d"));
        assert_eq!(fault("a: b\n'c\nd': e"), (Problem::NoColon, "'c\nd'"));
    }

    /// Only `{}` and `[]` can leave the queue before it is known whether they are a key.
    #[test]
    fn empty_brackets_do_not_delay_tokens() {
        for (text, is_key) in [("{} a: b", false), ("{a} b: c", true), ("{}: a", true)] {
            let first = super::super::parser::Parser::new(text).nth(1);
            let Some(Ok(event)) = first else { panic!("{text}") };
            let flow = matches!(
                event.kind,
                super::super::event::EventKind::MappingStart { flow: true, .. }
            );
            assert_eq!(!flow, is_key, "{text}");
        }
    }
}
