//! What a file with tests of rules refers to.

use crate::span::FileId;
use crate::syntax::{DataFormat, Document, Item};

/// The files that tests of rules name, relative to their own.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct References {
    /// The rules file.
    pub rules: Option<String>,
    /// Files with recorded traces, each once.
    pub recordings: Vec<String>,
}

impl References {
    /// Of a text that may be invalid: as far as it can be read.
    pub fn of(text: &str) -> Self {
        let document = Document::read(FileId(0), DataFormat::Yaml, text);
        let Some(item) = &document.item else { return Self::default() };
        let rules = item.get("rules").and_then(Item::text).map(str::to_owned);
        let tests = item.get("tests").and_then(Item::list).unwrap_or_default();
        let mut recordings = Vec::new();
        for path in tests.iter().filter_map(|test| test.get("traces")?.text()) {
            if !recordings.iter().any(|known| known == path) {
                recordings.push(path.to_owned());
            }
        }
        Self { rules, recordings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_rules_and_recordings() {
        let text = "rules: ../r.yaml\ntests:\n- {name: a, traces: x}\n- {traces: y}\n- traces: x\n";
        let found = References::of(text);
        assert_eq!(found.rules.as_deref(), Some("../r.yaml"));
        assert_eq!(found.recordings, ["x", "y"]);
        assert_eq!(References::of("tests: [\n"), References::default());
    }
}
