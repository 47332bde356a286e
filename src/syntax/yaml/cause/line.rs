//! Splits a line into indentation, key, value and comment, even if the text is not valid YAML.
//!
//! Works on characters, because the parser has stopped. Must not decide what is wrong.

use std::ops::Range;

/// A line without its line end. All places are byte offsets in the whole text.
#[derive(Clone, Copy, Debug)]
pub struct Line<'t> {
    text: &'t str,
    pub start: usize,
    pub end: usize,
}

/// A key and the place of its `:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub name: Range<usize>,
    pub colon: usize,
}

impl<'t> Line<'t> {
    /// All lines of a text.
    pub fn all(text: &'t str) -> Vec<Self> {
        let mut start = 0;
        let mut lines = Vec::new();
        for piece in text.split('\n') {
            let end = start + piece.strip_suffix('\r').unwrap_or(piece).len();
            lines.push(Self { text, start, end });
            start += piece.len() + 1;
        }
        lines
    }

    pub fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    pub fn whole(&self) -> &'t str {
        self.slice(self.start..self.end)
    }

    /// The number of leading spaces.
    pub fn indent(&self) -> usize {
        self.whole().bytes().take_while(|b| *b == b' ').count()
    }

    /// The start of the content, after the indentation.
    pub fn first(&self) -> usize {
        self.start + self.indent()
    }

    /// Whether the line is empty or only holds a comment.
    pub fn is_blank(&self) -> bool {
        let words = self.whole().trim();
        words.is_empty() || words.starts_with('#')
    }

    /// The end of the content, before a comment and the spaces in front of it.
    pub fn last(&self) -> usize {
        let mut quote = None;
        let mut before = b' ';
        let mut end = self.end;
        for (at, byte) in self.whole().bytes().enumerate() {
            match (quote, byte) {
                (None, b'#') if before == b' ' || before == b'\t' => {
                    end = self.start + at;
                    break;
                }
                (None, b'"' | b'\'') if matches!(before, b' ' | b'[' | b'{' | b',' | b':') => {
                    quote = Some(byte);
                }
                (Some(open), _) if open == byte => quote = None,
                _ => {}
            }
            before = byte;
        }
        // After an unclosed quote, ` #` is taken as the start of a comment.
        let words = self.slice(self.start..end);
        let words = if quote.is_some() { words.split(" #").next().unwrap_or(words) } else { words };
        self.start + words.trim_end().len()
    }

    /// The start of the entry, after any `- `.
    pub fn entry(&self) -> usize {
        let mut at = self.first();
        while self.slice(at..self.end).starts_with("- ") {
            let rest = self.slice(at + 1..self.end);
            at += 1 + rest.len() - rest.trim_start_matches(' ').len();
        }
        at
    }

    /// Whether the line starts a list item.
    pub fn is_item(&self) -> bool {
        let words = self.slice(self.first()..self.end);
        words == "-" || words.starts_with("- ")
    }

    /// The key of the entry, if it has a valid `:`.
    pub fn key(&self) -> Option<Key> {
        let key = self.name()?;
        let after = self.slice(key.colon + 1..self.end);
        (after.is_empty() || after.starts_with([' ', '\t'])).then_some(key)
    }

    /// The key of the entry, even if its `:` is not valid.
    pub fn name(&self) -> Option<Key> {
        let start = self.entry();
        let words = self.slice(start..self.end);
        let length = match words.bytes().next()? {
            quote @ (b'"' | b'\'') => words[1..].find(char::from(quote))? + 2,
            _ => words.find(|c: char| !is_key_character(c)).unwrap_or(words.len()),
        };
        let spaces = words[length..].len() - words[length..].trim_start_matches(' ').len();
        let colon = start + length + spaces;
        (length > 0 && self.slice(colon..self.end).starts_with(':'))
            .then_some(Key { name: start..start + length, colon })
    }

    /// The value of the key or item, without a comment.
    pub fn value(&self) -> Option<Range<usize>> {
        let from = match self.key() {
            Some(key) => key.colon + 1,
            None if self.is_item() => self.entry(),
            None => return None,
        };
        let last = self.last();
        let words = self.slice(from..last);
        let start = from + words.len() - words.trim_start().len();
        (start < last).then_some(start..last)
    }

    /// The name of the line in messages: its key or its content.
    pub fn title(&self) -> &'t str {
        let range = self.name().map_or(self.entry()..self.last(), |key| key.name);
        self.slice(range)
    }
}

/// The characters of keys and of target names.
pub fn is_key_character(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Line<'_> {
        Line::all(text)[0]
    }

    #[test]
    fn a_line_has_an_entry_a_key_and_a_value() {
        for (text, title, value) in [
            ("a: b", "a", Some("b")),
            ("  - a: b # c", "a", Some("b")),
            ("- - a", "a", Some("a")),
            ("  \"a b\": 'c # d'  # e", "\"a b\"", Some("'c # d'")),
            ("a:b", "a", None),
            ("a:", "a", None),
            ("a b", "a b", None),
            ("a: \"b # c", "a", Some("\"b")),
            ("a: it's # c", "a", Some("it's")),
            ("a : b\r", "a", Some("b")),
        ] {
            let line = one(text);
            assert_eq!(line.title(), title, "{text}");
            assert_eq!(line.value().map(|range| line.slice(range)), value, "{text}");
        }
    }

    #[test]
    fn blank_lines_may_hold_a_comment() {
        for (text, is_blank) in [("", true), ("  ", true), (" # a", true), ("a # b", false)] {
            assert_eq!(one(text).is_blank(), is_blank, "{text}");
        }
    }
}
