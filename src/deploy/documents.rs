//! Splits a YAML stream into documents at lines that begin with `---`, like Kubernetes' tools.
//!
//! An error in one document must not hide the others.

use std::ops::Range;

/// The byte ranges of the documents; there is always at least one.
pub fn documents(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") && at > 0 {
            ranges.push(start..at);
            start = at;
        }
        at += line.len();
    }
    ranges.push(start..text.len());
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_documents_at_separators() {
        for (text, expected) in [
            ("", &[""][..]),
            ("a: 1\n", &["a: 1\n"]),
            ("---\na\n---\nb", &["---\na\n", "---\nb"]),
            ("a: |\n  ---\nb\n--- # c\nd\n", &["a: |\n  ---\nb\n", "--- # c\nd\n"]),
        ] {
            let found: Vec<&str> = documents(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
