//! Block scalars (`|` and `>`), with indentation and chomping.

use super::problem::{Context, Problem, SyntaxError};
use super::scanner::Scanner;
use super::token::{ScalarStyle, Token, TokenKind};
use std::borrow::Cow;

/// Which line breaks are kept at the end of a block scalar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomp {
    /// One.
    Clip,
    /// None (`-`).
    Strip,
    /// All (`+`).
    Keep,
}

struct Header {
    chomp: Chomp,
    /// The explicit indentation, relative to the parent.
    indent: Option<usize>,
}

/// A partly read block scalar.
struct Block {
    start: usize,
    /// The column of its text, once known.
    indent: Option<usize>,
    text: String,
    /// The line break after the last line.
    line_break: &'static str,
    /// The line breaks of the empty lines after that.
    empty_lines: String,
    /// Whether the last line starts with a space or tab, so that it is not folded.
    indented: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn scan_block(&mut self, style: ScalarStyle) -> Result<Token<'a>, SyntaxError> {
        let start = self.cursor.offset();
        let header = self.scan_block_header()?;
        let outer = self.margin.saturating_sub(1);
        let mut block = Block {
            start,
            indent: header.indent.map(|n| outer + n),
            text: String::new(),
            line_break: "",
            empty_lines: String::new(),
            indented: false,
        };
        let mut end = self.cursor.offset();
        self.end_block_header(start)?;
        let mut indent = self.skip_block_breaks(&mut block)?;
        self.cursor.ensure(1);
        while self.cursor.column() == indent && !self.cursor.is_end() {
            self.take_block_line(&mut block, style);
            end = self.cursor.offset();
            self.cursor.ensure(2);
            block.line_break = self.cursor.take_break();
            indent = self.skip_block_breaks(&mut block)?;
        }
        if header.chomp != Chomp::Strip {
            block.text.push_str(block.line_break);
        }
        if header.chomp == Chomp::Keep {
            block.text.push_str(&block.empty_lines);
        }
        let value = Cow::Owned(block.text);
        Ok(Token { kind: TokenKind::Scalar { value, style }, start, end })
    }

    fn scan_block_header(&mut self) -> Result<Header, SyntaxError> {
        self.cursor.advance();
        self.cursor.ensure(1);
        let mut header = Header { chomp: Chomp::Clip, indent: None };
        if self.scan_chomp(&mut header) {
            self.scan_block_indent(&mut header)?;
        } else if self.scan_block_indent(&mut header)? {
            self.scan_chomp(&mut header);
        }
        Ok(header)
    }

    fn scan_chomp(&mut self, header: &mut Header) -> bool {
        header.chomp = match self.cursor.peek(0) {
            b'+' => Chomp::Keep,
            b'-' => Chomp::Strip,
            _ => return false,
        };
        self.cursor.advance();
        self.cursor.ensure(1);
        true
    }

    fn scan_block_indent(&mut self, header: &mut Header) -> Result<bool, SyntaxError> {
        match self.cursor.peek(0) {
            b'0' => Err(self.fault_here(Problem::BlockIndent)),
            digit @ b'1'..=b'9' => {
                header.indent = Some(usize::from(digit - b'0'));
                self.cursor.advance();
                self.cursor.ensure(1);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Skips spaces, an optional comment and the line end.
    fn end_block_header(&mut self, start: usize) -> Result<(), SyntaxError> {
        self.skip_blanks();
        if self.cursor.peek(0) == b'#' {
            self.take_comment();
        }
        if !self.cursor.is_break_or_end(0) {
            let indicator = self.cursor.slice(start, start + 1).chars().next().unwrap_or('|');
            return Err(self.fault_here(Problem::BlockHeader(indicator)));
        }
        self.cursor.ensure(2);
        self.cursor.take_break();
        Ok(())
    }

    fn take_block_line(&mut self, block: &mut Block, style: ScalarStyle) {
        let indented = self.cursor.is_blank(0);
        let folds = style == ScalarStyle::Folded
            && !block.indented
            && !indented
            && block.line_break == "\n";
        if !folds {
            block.text.push_str(block.line_break);
        } else if block.empty_lines.is_empty() {
            block.text.push(' ');
        }
        block.text.push_str(&block.empty_lines);
        block.empty_lines.clear();
        block.indented = indented;
        let start = self.cursor.offset();
        while !self.cursor.is_break_or_end(0) {
            self.cursor.advance();
            self.cursor.ensure(1);
        }
        block.text.push_str(self.cursor.since(start));
    }

    /// Skips empty lines and the indentation of the next line; returns the indentation of the block.
    fn skip_block_breaks(&mut self, block: &mut Block) -> Result<usize, SyntaxError> {
        let mut widest = 0;
        loop {
            self.cursor.ensure(1);
            let inside = |column: usize| block.indent.is_none_or(|indent| column < indent);
            while inside(self.cursor.column()) && self.cursor.peek(0) == b' ' {
                self.cursor.advance();
                self.cursor.ensure(1);
            }
            widest = widest.max(self.cursor.column());
            if inside(self.cursor.column()) && self.cursor.peek(0) == b'\t' {
                return Err(self.fault_here(Problem::Tab).within(Context::Block, block.start));
            }
            if !self.cursor.is_break(0) {
                break;
            }
            self.cursor.ensure(2);
            block.empty_lines.push_str(self.cursor.take_break());
        }
        let margin = self.margin;
        Ok(*block.indent.get_or_insert(widest.max(margin).max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml::scanner::tests::{fault, scalar};

    #[test]
    fn literal_keeps_lines_and_folded_joins_them() {
        assert_eq!(scalar("|\n a\n  b\n\n c\n"), "a\n b\n\nc\n");
        assert_eq!(scalar(">\n a\n b\n\n c\n  d\n e\n"), "a b\nc\n d\ne\n");
        assert_eq!(scalar("|"), "");
    }

    #[test]
    fn the_header_selects_chomping() {
        assert_eq!(scalar("|-\n a\n\n"), "a");
        assert_eq!(scalar("|\n a\n\n"), "a\n");
        assert_eq!(scalar("|+ # c\n a\n\n"), "a\n\n");
        assert_eq!(scalar("|+\n a"), "a");
        assert_eq!(scalar("|\n a"), "a");
    }

    #[test]
    fn indentation_is_detected_or_explicit() {
        assert_eq!(scalar("- |2-\n    a"), "  a");
        assert_eq!(scalar("- |-2\n    a"), "  a");
    }

    #[test]
    fn rejects_a_malformed_header() {
        assert_eq!(fault("a: | b"), (Problem::BlockHeader('|'), "b"));
        assert_eq!(fault("a: >0\n b"), (Problem::BlockIndent, "0"));
        assert_eq!(fault("a: |\n\tb"), (Problem::Tab, "\t"));
    }
}
