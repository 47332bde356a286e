//! Skips white space and comments between tokens.
//!
//! go-yaml scans for comments before anything else, and so allows tabs before comments in places where
//! it does not allow them before values.

use super::scanner::Scanner;

/// How far ahead of a token or comment the next comment is searched, in bytes.
const SEARCH_LIMIT: usize = 512;

impl Scanner<'_> {
    /// Skips spaces, line breaks and comments.
    pub(super) fn skip_to_token(&mut self) {
        loop {
            self.cursor.ensure(1);
            if self.cursor.column() == 0 && self.cursor.is_after_bom() {
                self.cursor.advance();
            }
            self.cursor.ensure(1);
            self.cursor.skip_ascii_while(1, |byte| byte == b' ');
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

    /// Tabs are not allowed where they would be indentation.
    fn allows_tab(&self) -> bool {
        self.flow_level() > 0 || !self.key_allowed
    }

    /// Reads a comment after a token, on the same line.
    pub(super) fn take_line_comment(&mut self) {
        if let Some(distance) = self.find_comment(0, Self::is_in_line) {
            self.cursor.advance_by(distance);
            self.take_comment();
        }
    }

    /// Reads the comment at the position and those on the next lines.
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

    /// The distance to the next `#`, if `passes` accepts all bytes before it.
    fn find_comment(&mut self, from: usize, passes: fn(&Self, usize) -> bool) -> Option<usize> {
        for n in from..SEARCH_LIMIT {
            self.cursor.ensure(n + 1);
            if !passes(self, n) {
                return (self.cursor.peek(n) == b'#').then_some(n);
            }
        }
        None
    }

    /// Reads the comment at the position up to the line end.
    pub(super) fn take_comment(&mut self) {
        let start = self.cursor.offset();
        loop {
            self.cursor.skip_ascii_while(1, |byte| matches!(byte, b' '..=b'~'));
            if self.cursor.is_break_or_end(0) {
                break;
            }
            self.cursor.advance();
            self.cursor.ensure(1);
        }
        self.comments.push(start..self.cursor.offset());
    }

    pub(super) fn skip_blanks(&mut self) {
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
    fn records_comments() {
        let text = "# one\n\n  #two\r\na: |  # three\n  # text\nb: c#d # four\n- [ # five\n]#six";
        let mut scanner = Scanner::new(text);
        while scanner.take().is_ok_and(|t| t.start < text.len()) {}
        let comments: Vec<_> = scanner.comments().iter().map(|c| &text[c.clone()]).collect();
        assert_eq!(comments, ["# one", "#two", "# three", "# four", "# five", "#six"]);
    }

    #[test]
    fn a_tab_is_allowed_before_a_comment_within_the_search_limit() {
        for text in ["# a\n\t# b\nc: d", "# a\n\t\n# b\nc: d", "?\t# a\n  b", "[a,\t# b\n\t# c\nd]"]
        {
            assert!(tokens(text).is_ok(), "{text:?}");
        }
        for text in ["\t# a", "a: b\n\t# c", "-\t# a", "# a\n\t\nb: c"] {
            assert_eq!(fault(text).0, Problem::Tab, "{text:?}");
        }
        let far = format!("# a\n{}\t# b", "\n".repeat(SEARCH_LIMIT));
        assert_eq!(fault(&far).0, Problem::Tab);
    }
}
