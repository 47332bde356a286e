//! Plain scalars: where they end, and how their lines are folded.

use super::fold::Gap;
use super::problem::{Context, Problem, SyntaxError};
use super::scanner::Scanner;
use super::token::{ScalarStyle, Token, TokenKind};
use std::borrow::Cow;

impl<'a> Scanner<'a> {
    /// Reads a plain scalar. After a scalar of several lines no comment is read on the same line.
    pub(super) fn scan_plain(&mut self) -> Result<Token<'a>, SyntaxError> {
        let start = self.cursor.offset();
        let mut end = start;
        let mut word = start;
        let mut folded: Option<String> = None;
        let mut gap = Gap::default();
        loop {
            self.cursor.ensure(4);
            if self.cursor.is_document_indicator() || self.cursor.peek(0) == b'#' {
                break;
            }
            if !self.ends_plain() {
                if gap.is_broken() {
                    let text = folded.get_or_insert_default();
                    text.push_str(self.cursor.slice(word, end));
                    gap.fold_into(text);
                    word = self.cursor.offset();
                }
                gap = Gap::default();
                self.pass_plain_word();
                end = self.cursor.offset();
            }
            if !self.cursor.is_blank(0) && !self.cursor.is_break(0) {
                break;
            }
            self.pass_plain_gap(&mut gap, start)?;
            if self.flow_level() == 0 && self.cursor.column() < self.margin {
                break;
            }
        }
        if gap.is_broken() {
            self.key_allowed = true;
        }
        let value = match folded {
            Some(text) => Cow::Owned(text + self.cursor.slice(word, end)),
            None => Cow::Borrowed(self.cursor.slice(start, end)),
        };
        Ok(Token { kind: TokenKind::Scalar { value, style: ScalarStyle::Plain }, start, end })
    }

    fn pass_plain_word(&mut self) {
        loop {
            self.cursor.skip_ascii_while(2, |byte| {
                byte.is_ascii_alphanumeric() || b"-._/".contains(&byte)
            });
            if self.ends_plain() {
                return;
            }
            self.cursor.advance();
            self.cursor.ensure(2);
        }
    }

    /// Whether a space, a `: ` or an indicator of a flow collection ends the scalar.
    fn ends_plain(&self) -> bool {
        match self.cursor.peek(0) {
            b':' => self.cursor.is_blank_or_end(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level() > 0,
            _ => self.cursor.is_blank_or_end(0),
        }
    }

    fn pass_plain_gap(&mut self, gap: &mut Gap, start: usize) -> Result<(), SyntaxError> {
        while self.cursor.is_blank(0) || self.cursor.is_break(0) {
            let indents = gap.is_broken() && self.cursor.column() < self.margin;
            if indents && self.cursor.peek(0) == b'\t' {
                return Err(self.fault_here(Problem::Tab).within(Context::Text, start));
            }
            gap.take(&mut self.cursor);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml::scanner::tests::{fault, scalar, tokens};

    #[test]
    fn ends_at_a_comment_a_colon_or_less_indentation() {
        assert_eq!(scalar("a#b:c -d # e"), "a#b:c -d");
        assert_eq!(scalar("a  b \n  c\n\n d\n"), "a  b c\nd");
        assert_eq!(scalar("- a\n  b"), "a b");
        assert_eq!(scalar("[a?]").as_str(), "a");
        assert_eq!(tokens("- a\n- b").unwrap().len(), 7);
    }

    #[test]
    fn a_tab_can_separate_words_but_not_indent() {
        assert_eq!(scalar("a\tb\n\tc"), "a\tb c");
        assert_eq!(fault("- a\n\tb"), (Problem::Tab, "\t"));
    }
}
