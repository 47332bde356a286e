//! The position in a text, with look-ahead.
//!
//! Classifies white space and counts lines and columns as go-yaml does. Must not know the meaning of
//! other characters.

/// go-yaml reads a text in chunks of this many bytes. It rejects a forbidden character as soon as it
/// reads its chunk, and never reads chunks after those it needs.
const CHUNK: usize = 512;

const BOM: &str = "\u{feff}";

/// A position: offset in bytes, index in characters, line, and column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub offset: usize,
    pub index: usize,
    pub line: usize,
    pub column: usize,
}

/// The current position in a text.
pub struct Cursor<'a> {
    text: &'a str,
    offset: usize,
    index: usize,
    line: usize,
    /// The index of the line's first character.
    line_index: usize,
    /// Bytes and characters that were read so far; the position is never after them.
    read: usize,
    read_index: usize,
    /// The position when the last chunk was requested.
    requested_at: usize,
    forbidden: Option<(usize, char)>,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut cursor = Self {
            text,
            offset: 0,
            index: 0,
            line: 0,
            line_index: 0,
            read: 0,
            read_index: 0,
            requested_at: 0,
            forbidden: None,
        };
        cursor.ensure(1);
        if text.starts_with(BOM) {
            cursor.offset = BOM.len();
            cursor.requested_at = BOM.len();
            cursor.read_index -= 1;
        }
        cursor
    }

    pub fn mark(&self) -> Mark {
        Mark { offset: self.offset, index: self.index, line: self.line, column: self.column() }
    }

    pub fn offset(&self) -> usize {
        self.offset
    }

    pub fn column(&self) -> usize {
        self.index - self.line_index
    }

    /// The text from `start` to the position.
    pub fn since(&self, start: usize) -> &'a str {
        self.slice(start, self.offset)
    }

    pub fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The character at the position; `None` at the end.
    pub fn char(&self) -> Option<char> {
        self.text.get(self.offset..)?.chars().next()
    }

    /// The first forbidden character that was read.
    pub fn forbidden(&self) -> Option<(usize, char)> {
        self.forbidden
    }

    /// Reads until `count` characters after the position are known, or the text ends.
    pub fn ensure(&mut self, count: usize) {
        if self.read_index < self.index + count {
            self.requested_at = self.offset;
            while self.read_index < self.index + count && self.read < self.text.len() {
                self.read_chunk();
            }
        }
    }

    fn read_chunk(&mut self) {
        let mut end = (self.read + CHUNK).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n');
        if self.slice(self.read, end).bytes().all(is_plain) {
            self.read_index += end - self.read;
            self.read = end;
            return;
        }
        for (i, c) in self.slice(self.read, end).char_indices() {
            self.read_index += 1;
            if !is_allowed(c) && self.forbidden.is_none() {
                self.forbidden = Some((self.read + i, c));
            }
        }
        self.read = end;
    }

    /// Whether there is a byte order mark where the last chunk was requested. go-yaml looks there
    /// instead of at the position, and so may skip an ordinary character.
    pub fn is_after_bom(&self) -> bool {
        self.text.as_bytes().get(self.requested_at..).is_some_and(|b| b.starts_with(BOM.as_bytes()))
    }

    /// The byte `n` bytes ahead; 0 after the end.
    pub fn peek(&self, n: usize) -> u8 {
        self.text.as_bytes().get(self.offset + n).copied().unwrap_or(0)
    }

    pub fn is_end(&self) -> bool {
        self.peek(0) == 0
    }

    /// A space or a tab, which YAML calls blank.
    pub fn is_blank(&self, n: usize) -> bool {
        matches!(self.peek(n), b' ' | b'\t')
    }

    /// Any of the five line breaks of YAML 1.1.
    pub fn is_break(&self, n: usize) -> bool {
        match self.peek(n) {
            b'\r' | b'\n' => true,
            0xc2 => self.peek(n + 1) == 0x85,
            0xe2 => self.peek(n + 1) == 0x80 && matches!(self.peek(n + 2), 0xa8 | 0xa9),
            _ => false,
        }
    }

    pub fn is_break_or_end(&self, n: usize) -> bool {
        self.peek(n) == 0 || self.is_break(n)
    }

    pub fn is_blank_or_end(&self, n: usize) -> bool {
        self.is_blank(n) || self.is_break_or_end(n)
    }

    /// `---` or `...` alone at the start of a line.
    pub fn is_document_indicator(&self) -> bool {
        self.column() == 0
            && matches!(
                [self.peek(0), self.peek(1), self.peek(2)],
                [b'-', b'-', b'-'] | [b'.', b'.', b'.']
            )
            && self.is_blank_or_end(3)
    }

    /// Skips one character.
    pub fn advance(&mut self) {
        let width = match self.peek(0) {
            0..=0x7f => 1,
            0x80..=0xdf => 2,
            0xe0..=0xef => 3,
            _ => 4,
        };
        self.offset = (self.offset + width).min(self.text.len());
        self.index += 1;
    }

    /// Skips ASCII characters that are accepted, of those after which `ahead` more are known.
    pub fn skip_ascii_while(&mut self, ahead: usize, accepts: fn(u8) -> bool) {
        let most = self.read_index.saturating_sub(self.index + ahead);
        let rest = self.text.as_bytes().get(self.offset..).unwrap_or_default();
        let count = rest.iter().take(most).take_while(|&&byte| accepts(byte)).count();
        self.offset += count;
        self.index += count;
    }

    pub fn advance_by(&mut self, count: usize) {
        for _ in 0..count {
            self.advance();
        }
    }

    /// Skips a line break, if there is one, and returns what it stands for inside a scalar.
    pub fn take_break(&mut self) -> &'static str {
        let (kept, bytes, characters) = match self.peek(0) {
            b'\r' if self.peek(1) == b'\n' => ("\n", 2, 2),
            b'\r' | b'\n' => ("\n", 1, 1),
            _ if !self.is_break(0) => return "",
            0xc2 => ("\n", 2, 1),
            _ if self.peek(2) == 0xa8 => ("\u{2028}", 3, 1),
            _ => ("\u{2029}", 3, 1),
        };
        self.offset += bytes;
        self.index += characters;
        self.line += 1;
        self.line_index = self.index;
        kept
    }
}

fn is_allowed(c: char) -> bool {
    matches!(c,
        ' '..='~' | '\t' | '\n' | '\r' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_for_all_five_line_breaks() {
        let mut cursor = Cursor::new("a\r\nb\rc\u{85}d\u{2028}e\u{2029}f\n");
        let mut kept = String::new();
        while !cursor.is_end() {
            kept.push_str(cursor.take_break());
            cursor.advance();
            assert_eq!(cursor.column(), 1);
        }
        assert_eq!(kept, "\n\n\n\u{2028}\u{2029}\n");
        assert_eq!(cursor.mark().line, 6);
    }

    #[test]
    fn counts_bytes_and_characters_separately() {
        let mut cursor = Cursor::new("\u{feff}äö€😀x");
        assert_eq!(cursor.mark(), Mark { offset: 3, index: 0, line: 0, column: 0 });
        cursor.advance_by(4);
        assert_eq!(cursor.mark(), Mark { offset: 14, index: 4, line: 0, column: 4 });
        assert_eq!(cursor.char(), Some('x'));
        cursor.advance_by(9);
        assert_eq!((cursor.offset(), cursor.peek(0)), (15, 0));
    }

    #[test]
    fn finds_a_forbidden_character_when_its_chunk_is_read() {
        let text = format!("{}\u{1}", "a".repeat(CHUNK));
        let mut cursor = Cursor::new(&text);
        cursor.advance_by(CHUNK - 1);
        cursor.ensure(1);
        assert_eq!(cursor.forbidden(), None);
        cursor.ensure(2);
        assert_eq!(cursor.forbidden(), Some((CHUNK, '\u{1}')));
    }

    #[test]
    fn passes_only_what_is_known() {
        let text = "a".repeat(CHUNK + 10);
        let mut cursor = Cursor::new(&text);
        cursor.skip_ascii_while(2, |byte| byte == b'a');
        assert_eq!((cursor.offset(), cursor.column()), (CHUNK - 2, CHUNK - 2));
        cursor.ensure(CHUNK);
        cursor.skip_ascii_while(2, |byte| byte == b'b');
        assert_eq!(cursor.offset(), CHUNK - 2);
        cursor.skip_ascii_while(2, |byte| byte == b'a');
        assert_eq!(cursor.offset(), CHUNK + 8);
    }

    #[test]
    fn knows_the_allowed_characters() {
        for c in ['\0', '\u{1}', '\u{7f}', '\u{80}', '\u{9f}', '\u{fffe}', '\u{ffff}'] {
            assert!(!is_allowed(c), "{c:?}");
        }
        for c in ['\t', '~', '\u{85}', '\u{a0}', '\u{d7ff}', '\u{feff}', '\u{10ffff}'] {
            assert!(is_allowed(c), "{c:?}");
        }
    }
}
