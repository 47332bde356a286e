//! Comments and what is passed over between two tokens.
//!
//! The engine's reader looks for comments ahead of everything else, and so allows tabs before them
//! where it allows none before a value.

use super::scanner::Scanner;

/// How far ahead of a token or a comment the next comment is looked for, in bytes.
const REACH: usize = 512;

impl Scanner<'_> {
    /// Passes blanks, line breaks and comments.
    pub(super) fn pass_to_token(&mut self) {
        loop {
            self.cursor.ensure(1);
            if self.cursor.column() == 0 && self.cursor.is_after_bom() {
                self.cursor.advance();
            }
            self.cursor.ensure(1);
            while self.cursor.peek(0) == b' ' || self.cursor.peek(0) == b'\t' && self.allows_tab() {
                self.cursor.advance();
                self.cursor.ensure(1);
            }
            if self.cursor.peek(0) == b'#' {
                self.take_comments();
            }
            if !self.cursor.is_break(0) {
                break;
            }
            self.cursor.ensure(2);
            self.cursor.take_break();
            if self.flow_level() == 0 {
                self.key_allowed = true;
            }
        }
    }

    /// A tab must not stand where it would indent.
    fn allows_tab(&self) -> bool {
        self.flow_level() > 0 || !self.key_allowed
    }

    /// A comment behind a token, on its line.
    pub(super) fn take_line_comment(&mut self) {
        if let Some(distance) = self.find_comment(0, Self::is_in_line) {
            self.cursor.advance_by(distance);
            self.take_comment();
        }
    }

    /// The comment at the place and those below it.
    fn take_comments(&mut self) {
        self.take_comment();
        while let Some(distance) = self.find_comment(1, Self::is_between_lines) {
            let comment = self.cursor.offset() + distance;
            while self.cursor.offset() < comment {
                if self.cursor.take_break().is_empty() {
                    self.cursor.advance();
                }
            }
            self.take_comment();
        }
    }

    fn is_in_line(&self, n: usize) -> bool {
        self.cursor.is_blank(n)
    }

    fn is_between_lines(&self, n: usize) -> bool {
        self.cursor.is_blank(n) || self.cursor.is_break(n)
    }

    /// How far it is to the next `#` behind bytes that `passes` allows.
    fn find_comment(&mut self, from: usize, passes: fn(&Self, usize) -> bool) -> Option<usize> {
        for n in from..REACH {
            self.cursor.ensure(n + 1);
            if !passes(self, n) {
                return (self.cursor.peek(n) == b'#').then_some(n);
            }
        }
        None
    }

    /// The comment at the place, down to its line's end.
    pub(super) fn take_comment(&mut self) {
        let start = self.cursor.offset();
        while !self.cursor.is_break_or_end(0) {
            self.cursor.advance();
            self.cursor.ensure(1);
        }
        self.comments.push(start..self.cursor.offset());
    }

    pub(super) fn pass_blanks(&mut self) {
        self.cursor.ensure(1);
        while self.cursor.is_blank(0) {
            self.cursor.advance();
            self.cursor.ensure(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml::problem::Problem;
    use crate::syntax::yaml::scanner::tests::{fault, tokens};

    #[test]
    fn keeps_where_comments_are() {
        let text = "# one\n\n  #two\r\na: |  # three\n  # text\nb: c#d # four\n- [ # five\n]#six";
        let mut scanner = Scanner::new(text);
        while scanner.take().is_ok_and(|t| t.start < text.len()) {}
        let comments: Vec<_> = scanner.comments().iter().map(|c| &text[c.clone()]).collect();
        assert_eq!(comments, ["# one", "#two", "# three", "# four", "# five", "#six"]);
    }

    #[test]
    fn a_tab_may_stand_before_a_comment_that_is_looked_for() {
        for text in ["# a\n\t# b\nc: d", "# a\n\t\n# b\nc: d", "?\t# a\n  b", "[a,\t# b\n\t# c\nd]"]
        {
            assert!(tokens(text).is_ok(), "{text:?}");
        }
        for text in ["\t# a", "a: b\n\t# c", "-\t# a", "# a\n\t\nb: c"] {
            assert_eq!(fault(text).0, Problem::Tab, "{text:?}");
        }
        let far = format!("# a\n{}\t# b", "\n".repeat(REACH));
        assert_eq!(fault(&far).0, Problem::Tab);
    }
}
