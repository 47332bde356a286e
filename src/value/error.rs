//! Why a text is not a valid value.
//!
//! Must not know places in files: ranges are relative to the text of the value.

use std::fmt;
use std::ops::Range;

/// An error of one of the parsers of this module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// A label of a few words. Never contains the text, which may be secret.
    pub reason: &'static str,
    /// The wrong bytes of the text, on character boundaries; `None` for the whole text.
    pub at: Option<Range<usize>>,
    /// A valid text that was most likely meant.
    pub suggestion: Option<String>,
}

impl ValueError {
    /// An error about the whole text.
    pub const fn new(reason: &'static str) -> Self {
        Self { reason, at: None, suggestion: None }
    }

    /// An error about `part`, a slice of `text`. If it is empty, the error is about the whole text.
    pub fn within(text: &str, part: &str, reason: &'static str) -> Self {
        let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let range = start..start + part.len();
        let inside = !part.is_empty() && text.get(range.clone()).is_some();
        Self { at: inside.then_some(range), ..Self::new(reason) }
    }

    /// An error about the first character of `rest`, a slice of `text`.
    pub fn at_start(text: &str, rest: &str, reason: &'static str) -> Self {
        let first = rest.chars().next().map_or(0, char::len_utf8);
        Self::within(text, rest.get(..first).unwrap_or(rest), reason)
    }

    #[must_use]
    pub fn with_suggestion(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
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
    fn points_at_a_part() {
        let text = "1h ä";
        let error = ValueError::at_start(text, &text[3..], "odd");
        assert_eq!(error.at, Some(3..5));
        assert_eq!(ValueError::within(text, &text[1..3], "odd").at, Some(1..3));
    }

    #[test]
    fn points_at_the_whole_text_if_the_part_is_empty_or_foreign() {
        let text = "1h";
        assert_eq!(ValueError::within(text, &text[2..], "short").at, None);
        let foreign = String::from("another");
        let error = ValueError::within("", &foreign, "foreign");
        assert_eq!(error.at, None);
    }
}
