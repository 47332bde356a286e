//! Folds white space and line breaks between two words of a plain or quoted scalar.
//!
//! Must not know where a scalar ends.

use super::cursor::Cursor;

/// The white space since the last word.
#[derive(Default)]
pub struct Gap {
    broken: bool,
    /// The first line break; empty if it is escaped.
    first: &'static str,
    /// All further line breaks.
    rest: String,
}

impl Gap {
    /// A gap that starts with an escaped line break.
    pub fn escaped() -> Self {
        Self { broken: true, ..Self::default() }
    }

    /// Whether the gap contains a line break.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Reads one space, tab or line break.
    pub fn take(&mut self, cursor: &mut Cursor<'_>) {
        if cursor.is_blank(0) {
            cursor.advance();
        } else {
            cursor.ensure(2);
            let kept = cursor.take_break();
            if self.broken {
                self.rest.push_str(kept);
            } else {
                self.broken = true;
                self.first = kept;
            }
        }
        cursor.ensure(1);
    }

    /// A single line break becomes a space; of several, the first is dropped. The Unicode line breaks
    /// U+2028 and U+2029 are kept.
    pub fn fold_into(&self, text: &mut String) {
        match self.first {
            "\n" if self.rest.is_empty() => text.push(' '),
            "\n" => text.push_str(&self.rest),
            first => {
                text.push_str(first);
                text.push_str(&self.rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut cursor = Cursor::new(text);
        let mut gap = Gap::default();
        while !cursor.is_end() {
            gap.take(&mut cursor);
        }
        let mut result = String::new();
        gap.fold_into(&mut result);
        result
    }

    #[test]
    fn a_line_break_folds_to_a_space_and_several_lose_one() {
        assert_eq!(folded(" \n  "), " ");
        assert_eq!(folded("\r\n\n \r"), "\n\n");
        assert_eq!(folded("\u{2028}\n"), "\u{2028}\n");
        assert_eq!(folded("\n\u{2029}"), "\u{2029}");
    }
}
