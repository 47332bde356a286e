//! What to write instead of a value that Refinery rejects.

use crate::diagnostic::{Edit, Finding};
use crate::span::Span;

/// What to do about a value.
pub enum Repair {
    /// Advice without a replacement.
    Advice(String),
    /// Advice and the replacement; nothing else can be meant.
    Certain(String, String),
    /// Advice and a replacement; something else may be meant.
    Likely(String, String),
}

impl Repair {
    /// A certain replacement that needs no further explanation.
    pub fn write(value: impl Into<String>) -> Self {
        let value = value.into();
        Self::Certain(format!("write `{value}`"), value)
    }

    /// Adds the advice to a finding, and a fix if the value has a span.
    pub fn offer(self, finding: Finding, place: Option<Span>) -> Finding {
        match (self, place) {
            (Self::Certain(help, text), Some(span)) => {
                finding.help(help).fixed_by(Edit::Replace(span, text))
            }
            (Self::Likely(help, text), Some(span)) => {
                finding.help(help).perhaps_fixed_by(Edit::Replace(span, text))
            }
            (Self::Advice(help) | Self::Certain(help, _) | Self::Likely(help, _), _) => {
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
