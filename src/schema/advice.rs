//! What to write instead of a value that Refinery rejects.

use crate::diagnostic::{Edit, Finding};
use crate::span::Span;

/// What to do about a value.
pub enum Advice {
    /// Advice without a replacement.
    Text(String),
    /// Advice and the replacement; nothing else can be meant.
    Safe(String, String),
    /// Advice and a replacement; something else may be meant.
    Unsafe(String, String),
}

impl Advice {
    /// A safe replacement that needs no further explanation.
    pub fn write(value: impl Into<String>) -> Self {
        let value = value.into();
        Self::Safe(format!("write `{value}`"), value)
    }

    /// Adds the advice to a finding, and a fix if the value has a span.
    pub fn offer(self, finding: Finding, place: Option<Span>) -> Finding {
        match (self, place) {
            (Self::Safe(help, text), Some(span)) => {
                finding.help(help).fixed_by(Edit::Replace(span, text))
            }
            (Self::Unsafe(help, text), Some(span)) => {
                finding.help(help).perhaps_fixed_by(Edit::Replace(span, text))
            }
            (Self::Text(help) | Self::Safe(help, _) | Self::Unsafe(help, _), _) => {
                finding.help(help)
            }
        }
    }
}

/// The boolean that a word means: those of YAML 1.1, and similar ones.
pub fn bool_of_word(text: &str) -> Option<bool> {
    match &*text.to_lowercase() {
        "yes" | "y" | "on" | "t" | "1" | "true" | "enabled" | "enable" => Some(true),
        "no" | "n" | "off" | "f" | "0" | "false" | "disabled" | "disable" => Some(false),
        _ => None,
    }
}
