//! A place in a text, and the look-ahead from it.
//!
//! Holds characters, blanks, line breaks and the count of lines and columns, as the engine's reader
//! counts them. Must not know what any character means to YAML.

/// The engine's reader takes a text in pieces of this many bytes. It refuses a forbidden character
/// as soon as the piece that holds it is read, and never sees the pieces behind what it needs.
const PIECE: usize = 512;

const BOM: &str = "\u{feff}";

/// A place: bytes into the text, characters into it, line and column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub offset: usize,
    pub index: usize,
    pub line: usize,
    pub column: usize,
}

/// The reader's place in a text.
pub struct Cursor<'a> {
    text: &'a str,
    offset: usize,
    index: usize,
    line: usize,
    /// The index of the line's first character.
    line_index: usize,
    /// Bytes and characters that have been read so far; the place is somewhere before.
    read: usize,
    read_index: usize,
    /// Where the place was when the last piece was asked for.
    asked_at: usize,
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
            asked_at: 0,
            forbidden: None,
        };
        cursor.ensure(1);
        if text.starts_with(BOM) {
            cursor.offset = BOM.len();
            cursor.asked_at = BOM.len();
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

    /// The text from `start` to the place.
    pub fn since(&self, start: usize) -> &'a str {
        self.slice(start, self.offset)
    }

    pub fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The character at the place; none at the end.
    pub fn char(&self) -> Option<char> {
        self.text.get(self.offset..)?.chars().next()
    }

    /// The first forbidden character of all that has been read.
    pub fn forbidden(&self) -> Option<(usize, char)> {
        self.forbidden
    }

    /// Reads on until `count` characters are known from the place on, or the text ends.
    pub fn ensure(&mut self, count: usize) {
        if self.read_index < self.index + count {
            self.asked_at = self.offset;
            while self.read_index < self.index + count && self.read < self.text.len() {
                self.read_piece();
            }
        }
    }

    fn read_piece(&mut self) {
        let mut end = (self.read + PIECE).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        for (i, c) in self.slice(self.read, end).char_indices() {
            self.read_index += 1;
            if !is_allowed(c) && self.forbidden.is_none() {
                self.forbidden = Some((self.read + i, c));
            }
        }
        self.read = end;
    }

    /// Does a byte order mark stand where the last piece was asked for? The engine's reader looks
    /// there instead of at the place, and so may pass over an innocent character.
    pub fn is_behind_bom(&self) -> bool {
        self.text.as_bytes().get(self.asked_at..).is_some_and(|b| b.starts_with(BOM.as_bytes()))
    }

    /// The byte `n` bytes ahead; 0 beyond the end.
    pub fn peek(&self, n: usize) -> u8 {
        self.text.as_bytes().get(self.offset + n).copied().unwrap_or(0)
    }

    pub fn is_end(&self) -> bool {
        self.peek(0) == 0
    }

    /// A blank or a tab.
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

    /// Passes one character.
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

    pub fn advance_by(&mut self, count: usize) {
        for _ in 0..count {
            self.advance();
        }
    }

    /// Passes a line break, if one is here, and says what it counts as within a text.
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
    fn counts_lines_by_all_five_breaks() {
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
    fn counts_bytes_and_characters_apart() {
        let mut cursor = Cursor::new("\u{feff}äö€😀x");
        assert_eq!(cursor.mark(), Mark { offset: 3, index: 0, line: 0, column: 0 });
        cursor.advance_by(4);
        assert_eq!(cursor.mark(), Mark { offset: 14, index: 4, line: 0, column: 4 });
        assert_eq!(cursor.char(), Some('x'));
        cursor.advance_by(9);
        assert_eq!((cursor.offset(), cursor.peek(0)), (15, 0));
    }

    #[test]
    fn sees_a_forbidden_character_only_once_its_piece_is_read() {
        let text = format!("{}\u{1}", "a".repeat(PIECE));
        let mut cursor = Cursor::new(&text);
        cursor.advance_by(PIECE - 1);
        cursor.ensure(1);
        assert_eq!(cursor.forbidden(), None);
        cursor.ensure(2);
        assert_eq!(cursor.forbidden(), Some((PIECE, '\u{1}')));
    }

    #[test]
    fn knows_what_may_not_stand_in_a_text() {
        for c in ['\0', '\u{1}', '\u{7f}', '\u{80}', '\u{9f}', '\u{fffe}', '\u{ffff}'] {
            assert!(!is_allowed(c), "{c:?}");
        }
        for c in ['\t', '~', '\u{85}', '\u{a0}', '\u{d7ff}', '\u{feff}', '\u{10ffff}'] {
            assert!(is_allowed(c), "{c:?}");
        }
    }
}
