//! Why a text is not the value that it should be.
//!
//! Must not know places in files: a range here counts within the value's own text.

use std::fmt;
use std::ops::Range;

/// A refusal by one of the readers of this room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// One clause, without the text itself: it may be secret.
    pub reason: &'static str,
    /// The bytes at fault within the text, on character boundaries; none where it is the whole.
    pub at: Option<Range<usize>>,
    /// A text that the reader accepts and that says what was most likely meant.
    pub repair: Option<String>,
}

impl ValueError {
    /// The whole text is at fault.
    pub const fn new(reason: &'static str) -> Self {
        Self { reason, at: None, repair: None }
    }

    /// `part`, a slice of `text`, is at fault; a part that is empty blames the whole.
    pub fn within(text: &str, part: &str, reason: &'static str) -> Self {
        let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let range = start..start + part.len();
        let inside = !part.is_empty() && text.get(range.clone()).is_some();
        Self { at: inside.then_some(range), ..Self::new(reason) }
    }

    /// The first character of `rest`, a slice of `text`, is at fault.
    pub fn at_start(text: &str, rest: &str, reason: &'static str) -> Self {
        let first = rest.chars().next().map_or(0, char::len_utf8);
        Self::within(text, rest.get(..first).unwrap_or(rest), reason)
    }

    #[must_use]
    pub fn repaired(mut self, repair: Option<String>) -> Self {
        self.repair = repair;
        self
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason)
    }
}

impl std::error::Error for ValueError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blames_a_part() {
        let text = "1h ä";
        let error = ValueError::at_start(text, &text[3..], "odd");
        assert_eq!(error.at, Some(3..5));
        assert_eq!(ValueError::within(text, &text[1..3], "odd").at, Some(1..3));
    }

    #[test]
    fn blames_the_whole_where_the_part_is_empty_or_foreign() {
        let text = "1h";
        assert_eq!(ValueError::within(text, &text[2..], "short").at, None);
        let foreign = String::from("another");
        let error = ValueError::within("", &foreign, "foreign");
        assert_eq!(error.at, None);
    }
}
