//! Applies fixes to the text of a file.
//!
//! Changes only the bytes of a fix, so that comments and layout are preserved. Must not open files
//! (`vfs` does) and must not find problems.

use crate::diagnostic::{Edit, Finding};
use crate::schema::secrets::Secrets;
use crate::span::{File, FileId, Files};
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// Replaces some bytes of a text.
#[derive(Debug)]
pub struct Change {
    pub bytes: Range<usize>,
    pub text: String,
}

/// The fixed text of a file, and the same text with its secrets masked.
#[derive(Debug, PartialEq, Eq)]
pub struct FixedFile {
    pub file: FileId,
    pub text: String,
    pub shown: String,
    /// The check ids of the fixed findings, one for each.
    pub checks: Vec<&'static str>,
}

/// The changed files with their new texts. If fixes overlap, only the first is applied; the others are
/// left for the next round. `secrets` are masked in the text that is shown.
pub fn apply_fixes<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    files: &Files,
    secrets: &Secrets,
) -> Vec<FixedFile> {
    let mut fixed: BTreeMap<FileId, (Vec<Change>, Vec<&'static str>)> = BTreeMap::new();
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        let file = fix.edit.span().file;
        let (made, checks) = fixed.entry(file).or_default();
        if let Some(new) = changes(&fix.edit, &files.get(file).text)
            && new.iter().all(|new| made.iter().all(|old| are_apart(&old.bytes, &new.bytes)))
        {
            made.extend(new);
            checks.push(finding.check.id);
        }
    }
    fixed
        .into_iter()
        .filter(|(_, (changes, _))| !changes.is_empty())
        .map(|(file, (mut changes, checks))| {
            changes.sort_by_key(|change| (change.bytes.start, change.bytes.end));
            let File { text, shown, .. } = files.get(file);
            let new = apply(&changes, text);
            for change in &mut changes {
                change.text = secrets.hide(&change.text);
            }
            FixedFile { file, text: new, shown: apply(&changes, shown), checks }
        })
        .collect()
}

/// Whether two changes can both be applied. Adjacent ones can, except two insertions at the same
/// place, whose order would be undefined.
fn are_apart(a: &Range<usize>, b: &Range<usize>) -> bool {
    a != b && (a.end <= b.start || b.end <= a.start)
}

/// Applies sorted changes. `text` may be the masked text, which has the same length.
fn apply(changes: &[Change], text: &str) -> String {
    let mut fixed = text.to_owned();
    for change in changes.iter().rev() {
        fixed.replace_range(change.bytes.clone(), &change.text);
    }
    fixed
}

/// The changes of an edit. `None` if the edit does not fit the text.
pub fn changes(edit: &Edit, text: &str) -> Option<Vec<Change>> {
    let bytes = edit.span().range();
    let written = text.get(bytes.clone())?;
    match edit {
        Edit::Replace(_, new) => {
            let new = quoted_as(written, text, new);
            Some(vec![Change { bytes, text: with_line_ends_of(text, &new) }])
        }
        Edit::RemoveLines(_) => {
            let lines = whole_lines(text, &bytes)?;
            Some(vec![Change { bytes: lines, text: String::new() }])
        }
        Edit::Indent(_, by) => {
            let start = text[..bytes.start].rfind('\n').map_or(0, |end| end + 1);
            let breaks = written.match_indices('\n').map(|(at, _)| bytes.start + at + 1);
            let starts = std::iter::once(start).chain(breaks);
            // Empty lines are not indented.
            let full = starts.filter(|&at| !text[at..].starts_with(['\n', '\r']) && at < bytes.end);
            Some(full.map(|at| Change { bytes: at..at, text: " ".repeat(*by) }).collect())
        }
    }
}

/// `new` with the quotes of `written`, or with those that all words need if the text is JSON.
fn quoted_as<'n>(written: &str, text: &str, new: &'n str) -> Cow<'n, str> {
    let is_quoted = |quote: &char| {
        written.len() > 1 && written.starts_with(*quote) && written.ends_with(*quote)
    };
    let is_word =
        !new.is_empty() && new.chars().all(|c| c.is_alphanumeric() || "._-:/".contains(c));
    let is_value = serde_json::from_str::<IgnoredAny>(new).is_ok();
    let is_json = || serde_json::from_str::<IgnoredAny>(text).is_ok();
    let quote = ['"', '\''].into_iter().find(is_quoted);
    match quote.or_else(|| is_json().then_some('"')).filter(|_| is_word && !is_value) {
        Some(quote) => Cow::Owned(format!("{quote}{new}{quote}")),
        None => Cow::Borrowed(new),
    }
}

/// Converts the line ends of `new` to those of `text`.
fn with_line_ends_of(text: &str, new: &str) -> String {
    if text.contains("\r\n") {
        new.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        new.to_owned()
    }
}

/// The whole lines of these bytes. `None` if that would remove anything else, such as a comment.
fn whole_lines(text: &str, bytes: &Range<usize>) -> Option<Range<usize>> {
    let start = text[..bytes.start].rfind('\n').map_or(0, |end| end + 1);
    let end = text[bytes.end..].find('\n').map_or(text.len(), |at| bytes.end + at + 1);
    let around = [&text[start..bytes.start], &text[bytes.end..end]];
    let is_alone = around.iter().all(|part| part.trim().is_empty());
    let has_comment = text[bytes.clone()].lines().any(|line| line.contains(" #"));
    (is_alone && !has_comment).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Check, CheckKind, Severity};
    use crate::span::Span;

    /// Creates an edit for a place.
    type Maker = fn(Span) -> Edit;

    static CHECK: Check = Check {
        id: "test/fix",
        severity: Severity::Error,
        kind: CheckKind::Intent,
        summary: "",
        why: "",
        page: None,
    };

    /// The text after an edit at the first occurrence of each string.
    fn fixed(text: &str, edits: &[(&str, Maker)]) -> String {
        let mut files = Files::default();
        let file = files.add("a", text);
        let findings: Vec<Finding> = edits
            .iter()
            .map(|(part, edit)| {
                let start = text.find(part).unwrap();
                Finding::new(&CHECK, "").fixed_by(edit(Span::new(file, start, start + part.len())))
            })
            .collect();
        let fixed = apply_fixes(&findings, &files, &Secrets::default()).pop();
        fixed.map_or_else(|| text.to_owned(), |fixed| fixed.text)
    }

    #[test]
    fn words_keep_their_quotes() {
        let json = "{\"a\": 90}";
        for (written, text, new, expected) in [
            ("\"a\"", "\"a\": 1", "b", "\"b\""),
            ("a", "a: 1", "b", "b"),
            ("90", json, "90s", "\"90s\""),
            ("\"90\"", json, "90", "90"),
            ("\"on\"", "a: \"on\"", "true", "true"),
            ("\"a\"", json, "\"b\"", "\"b\""),
            ("\"a\"", "a: \"a\"", "[x]", "[x]"),
            ("90", "a: 90", "90s", "90s"),
            ("'stdot'", "a = 'stdot'", "stdout", "'stdout'"),
        ] {
            assert_eq!(quoted_as(written, text, new), expected, "{written} in {text}");
        }
    }

    #[test]
    fn replacements_do_not_shift_each_other() {
        let long = |span| Edit::Replace(span, "longer".to_owned());
        assert_eq!(
            fixed("a: 1 # b\nc: 2\n", &[("1", long), ("2", long)]),
            "a: longer # b\nc: longer\n"
        );
    }

    #[test]
    fn of_two_overlapping_fixes_only_the_first_is_applied() {
        let (x, y) = (|s| Edit::Replace(s, "x".to_owned()), |s| Edit::Replace(s, "y".to_owned()));
        assert_eq!(fixed("abc", &[("ab", x), ("bc", y)]), "xc");
        assert_eq!(fixed("abc", &[("ab", x), ("c", y)]), "xy", "adjacent fixes are both applied");
        assert_eq!(fixed("abc", &[("b", y), ("b", x)]), "ayc");
    }

    #[test]
    fn whole_lines_are_removed_unless_they_hold_a_comment() {
        for (text, part, left) in [
            ("a:\n  b: 1\n  c: 2\n", "b: 1", "a:\n  c: 2\n"),
            ("a:\n  b: 1", "b: 1", "a:\n"),
            ("a:\r\n  b: 1\r\n", "b: 1", "a:\r\n"),
            ("a: 1 # why\n", "a: 1", "a: 1 # why\n"),
            ("a: {b: 1, c: 2}\n", "b: 1", "a: {b: 1, c: 2}\n"),
        ] {
            assert_eq!(fixed(text, &[(part, Edit::RemoveLines)]), left, "{text}");
        }
    }

    #[test]
    fn line_ends_are_kept() {
        let two = |span| Edit::Replace(span, "1\n  c: 2".to_owned());
        assert_eq!(fixed("a:\r\n  b: 0\r\n", &[("0", two)]), "a:\r\n  b: 1\r\n  c: 2\r\n");
        assert_eq!(fixed("\u{feff}a: 0\n", &[("0", two)]), "\u{feff}a: 1\n  c: 2\n");
    }

    #[test]
    fn a_block_is_indented() {
        let right = |span| Edit::Indent(span, 2);
        assert_eq!(
            fixed("p:\nR:\n  a: 1\n\n  b: 2\nq:\n", &[("R:\n  a: 1\n\n  b: 2", right)]),
            "p:\n  R:\n    a: 1\n\n    b: 2\nq:\n"
        );
    }
}
