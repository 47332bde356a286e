//! Converts byte positions to lines and columns.
//!
//! A line ends at `\n` or `\r\n`, as in editors; a lone `\r` does not end a line, though it does in
//! YAML. Lines and columns start at 1, columns count Unicode scalar values, and a byte order mark
//! has no column. Must not know what is at a position.

use crate::diagnostic::Edit;
use crate::fix::{Change, changes};
use crate::span::{File, FileId, Files, Span};
use crate::verdict::{DeploymentReport, Report};
use memchr::memchr_iter;
use serde::Serialize;
use std::collections::BTreeMap;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A position in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    pub line: usize,
    pub column: usize,
    /// Starts at 0.
    pub byte: usize,
}

impl Position {
    /// The start of a file.
    pub const FIRST: Self = Self { line: 1, column: 1, byte: 0 };
}

/// A file with the starts of its lines.
pub struct Text<'a> {
    pub name: &'a str,
    file: &'a File,
    starts: Vec<usize>,
}

impl<'a> Text<'a> {
    pub fn new(file: &'a File) -> Self {
        let breaks = memchr_iter(b'\n', file.text.as_bytes());
        let starts = std::iter::once(0).chain(breaks.map(|at| at + 1)).collect();
        Self { name: file.name.as_str(), file, starts }
    }

    /// The number of the last line.
    pub fn last_line(&self) -> usize {
        self.starts.len()
    }

    /// A line without its line break, with secrets masked; empty if there is no such line.
    pub fn line(&self, number: usize) -> &'a str {
        let start = self.line_start(number);
        let end = self.starts.get(number).copied().unwrap_or(self.file.shown.len());
        let line = self.file.shown.get(start..end).unwrap_or_default();
        let line = line.strip_suffix('\n').unwrap_or(line);
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// The byte at which a line starts; the end of the text if there is no such line.
    pub fn line_start(&self, number: usize) -> usize {
        let start = number.checked_sub(1).and_then(|index| self.starts.get(index));
        start.copied().unwrap_or(self.file.text.len())
    }

    /// Bytes after the end map to the end, bytes inside a character to its start.
    fn position(&self, byte: u32) -> Position {
        let text = &self.file.text;
        let byte = floor_char(text, byte as usize);
        let line = self.starts.partition_point(|&start| start <= byte);
        let before = text.get(self.line_start(line)..byte).unwrap_or_default();
        let before = match line {
            1 => before.strip_prefix(BYTE_ORDER_MARK).unwrap_or(before),
            _ => before,
        };
        Position { line, column: before.chars().count() + 1, byte }
    }

    /// The column of a position in UTF-8 bytes.
    pub fn byte_column(&self, position: Position) -> usize {
        let start = self.line_start(position.line);
        let has_mark = position.line == 1 && self.file.text.starts_with(BYTE_ORDER_MARK);
        let mark = if has_mark { BYTE_ORDER_MARK.len_utf8() } else { 0 };
        position.byte.saturating_sub(start + mark) + 1
    }

    /// The start and the exclusive end of a span.
    pub fn positions(&self, span: Span) -> (Position, Position) {
        (self.position(span.start), self.position(span.end.max(span.start)))
    }
}

impl Text<'_> {
    /// The replacements that an edit makes: start, exclusive end and new text. `None` if it cannot
    /// be made, or would reveal a secret.
    pub fn changes(&self, edit: &Edit) -> Option<Vec<(Position, Position, String)>> {
        let File { text, shown, .. } = self.file;
        let lay = |change: Change| {
            let bytes = change.bytes;
            let is_open = change.text.is_empty() || text[bytes.clone()] == shown[bytes.clone()];
            let span = Span::new(edit.span().file, bytes.start, bytes.end);
            let (start, end) = self.positions(span);
            is_open.then_some((start, end, change.text))
        };
        changes(edit, text)?.into_iter().map(lay).collect()
    }
}

/// The nearest start of a character at or before `byte`.
pub fn floor_char(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    (0..=byte).rev().find(|&b| text.is_char_boundary(b)).unwrap_or(0)
}

/// Texts, each with its lines counted once.
pub struct Texts<'a>(BTreeMap<FileId, Text<'a>>);

impl<'a> Texts<'a> {
    pub fn of(report: &Report, files: &'a Files) -> Self {
        let findings = report.deployments.iter().flat_map(DeploymentReport::all);
        let ids = findings.flat_map(|r| r.finding.labels.iter().map(|label| label.span.file));
        let mut texts = BTreeMap::new();
        for id in ids {
            texts.entry(id).or_insert_with(|| Text::new(files.get(id)));
        }
        Self(texts)
    }

    pub fn of_all(files: &'a Files) -> Self {
        Self(files.all().map(|id| (id, Text::new(files.get(id)))).collect())
    }

    pub fn get(&self, id: FileId) -> Option<&Text<'a>> {
        self.0.get(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(text: &str, byte: u32) -> (usize, usize, usize) {
        let mut files = Files::default();
        let file = files.add("", text);
        let file = files.get(file);
        let position = Text::new(file).position(byte);
        (position.line, position.column, position.byte)
    }

    #[test]
    fn positions_count_lines_and_characters() {
        for (text, byte, expected) in [
            ("", 0, (1, 1, 0)),
            ("", 9, (1, 1, 0)),
            ("ab\ncd", 1, (1, 2, 1)),
            ("ab\ncd", 2, (1, 3, 2)),
            ("ab\ncd", 3, (2, 1, 3)),
            ("ab\ncd", 99, (2, 3, 5)),
            ("ab\n", 3, (2, 1, 3)),
            ("ab\r\ncd", 4, (2, 1, 4)),
            ("ab\rcd", 3, (1, 4, 3)),
            ("äö: x", 5, (1, 4, 5)),
            ("äö: x", 3, (1, 2, 2)),
            ("\u{feff}a: 1", 3, (1, 1, 3)),
            ("\u{feff}a: 1", 4, (1, 2, 4)),
        ] {
            assert_eq!(position(text, byte), expected, "{text:?} at {byte}");
        }
    }

    #[test]
    fn byte_columns_count_bytes() {
        for (text, byte, expected) in [
            ("aä𐐀b", 3, 4),
            ("aä𐐀b", 7, 8),
            ("x\nä: 1", 4, 3),
            ("\u{feff}a: 1", 4, 2),
            ("\u{feff}", 0, 1),
        ] {
            let mut files = Files::default();
            let file = files.add("", text);
            let text = Text::new(files.get(file));
            assert_eq!(text.byte_column(text.position(byte)), expected, "{byte}");
        }
    }

    #[test]
    fn lines_are_masked_and_have_no_line_break() {
        let mut files = Files::default();
        let id = files.add("a", "k: secret\r\nb: 2\n");
        files.mask(Span::new(id, 3, 9));
        let text = Text::new(files.get(id));
        let lines: Vec<&str> = (0..=4).map(|n| text.line(n)).collect();
        assert_eq!(lines, ["", "k: ******", "b: 2", "", ""]);
        assert_eq!(text.last_line(), 3);
    }

    #[test]
    fn masking_does_not_shift_columns() {
        let mut files = Files::default();
        let id = files.add("a", "[\"ää\", x]");
        files.mask(Span::new(id, 2, 6));
        let text = Text::new(files.get(id));
        assert_eq!(text.position(9).column, 8);
        assert_eq!(text.line(1), "[\"****\", x]");
    }
}
