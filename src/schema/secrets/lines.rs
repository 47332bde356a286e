//! Lines, columns and brackets of a text in any format, without parsing it.

use std::ops::Range;

/// Where the lines of a text start and end.
pub struct Lines<'t> {
    text: &'t str,
    breaks: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub fn of(text: &'t str) -> Self {
        Self { text, breaks: memchr::memchr_iter(b'\n', text.as_bytes()).collect() }
    }

    fn next_break(&self, at: usize) -> Option<usize> {
        self.breaks.get(self.breaks.partition_point(|&end| end < at)).copied()
    }

    /// The end of the line that contains a byte, without its line break.
    pub fn end(&self, at: usize) -> usize {
        let end = self.next_break(at).unwrap_or(self.text.len());
        if end > at && self.text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end }
    }

    /// Where the next line starts; `None` after the last one.
    pub fn next(&self, at: usize) -> Option<usize> {
        self.next_break(at).map(|end| end + 1).filter(|&next| next < self.text.len())
    }

    /// Where the line starts.
    pub fn start(&self, at: usize) -> usize {
        let before = self.breaks.partition_point(|&end| end < at);
        before.checked_sub(1).map_or(0, |index| self.breaks[index] + 1)
    }

    /// The starts of all lines.
    pub fn starts(&self) -> impl Iterator<Item = usize> + use<'_> {
        let starts = self.breaks.iter().map(|end| end + 1);
        std::iter::once(0).chain(starts).filter(|start| *start < self.text.len())
    }
}

/// The first byte on the line at or after this one that is not a space.
pub fn skip_spaces(text: &str, at: usize) -> usize {
    let spaces = text.as_bytes()[at..].iter().take_while(|b| matches!(b, b' ' | b'\t'));
    at + spaces.count()
}

/// The range without leading and trailing spaces.
pub fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..start.max(range.start + part.trim_end().len())
}

/// The end of a quoted string that starts here, after its closing quote; `None` if it is not closed
/// before `limit`.
pub fn quoted_end(text: &str, open: usize, limit: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = bytes[open];
    let mut at = open + 1;
    while at < limit {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            b if b == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The open brackets and quotes at a position in a line.
#[derive(Default)]
pub struct Openings {
    at: usize,
    pub quote: Option<u8>,
    pub brackets: usize,
}

impl Openings {
    /// Reads up to a byte, from the start of its line at the earliest.
    pub fn read_to(&mut self, text: &str, to: usize) {
        if to < self.at {
            return;
        }
        let fresh = text[self.at..to].rfind('\n').map(|end| self.at + end + 1);
        if let Some(start) = fresh {
            *self = Self { at: start, ..Self::default() };
        }
        let bytes = text.as_bytes();
        while self.at < to {
            match (self.quote, bytes[self.at]) {
                (Some(b'"'), b'\\') => self.at += 1,
                (Some(quote), b) if b == quote => self.quote = None,
                (None, quote @ (b'"' | b'\'')) => self.quote = Some(quote),
                (None, b'[' | b'{') => self.brackets += 1,
                (None, b']' | b'}') => self.brackets = self.brackets.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
        }
    }
}
