//! What lies between two words of a scalar: blanks, or line breaks that fold.
//!
//! Holds the folding that plain and quoted scalars share; must not know where a scalar ends.

use super::cursor::Cursor;

/// The line breaks since the last word.
#[derive(Default)]
pub struct Gap {
    broken: bool,
    /// What the first break counts as; empty where it is escaped.
    first: &'static str,
    /// All further breaks.
    rest: String,
}

impl Gap {
    /// A gap that begins with an escaped line break.
    pub fn escaped() -> Self {
        Self { broken: true, ..Self::default() }
    }

    /// Has a line ended?
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Passes one blank or line break.
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

    /// One line break is a blank; of several, the first goes. Unicode's own breaks stay.
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
    fn a_break_folds_to_a_blank_and_more_lose_one() {
        assert_eq!(folded(" \n  "), " ");
        assert_eq!(folded("\r\n\n \r"), "\n\n");
        assert_eq!(folded("\u{2028}\n"), "\u{2028}\n");
        assert_eq!(folded("\n\u{2029}"), "\u{2029}");
    }
}
