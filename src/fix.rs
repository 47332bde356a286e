//! Repairs, written into the text of a file.
//!
//! Touches the bytes of a repair and no others, so that comments and layout stay. Must not open
//! files (`source` does) nor find anything out.

use crate::diagnostic::{Edit, Fix};
use crate::span::{File, FileId, Files};
use std::collections::BTreeMap;
use std::ops::Range;

/// What becomes of a text's bytes.
struct Change {
    bytes: Range<usize>,
    text: String,
}

/// A file's new text, and the same with its secrets masked.
#[derive(Debug, PartialEq, Eq)]
pub struct FixedFile {
    pub file: FileId,
    pub text: String,
    pub shown: String,
}

/// The files that change, with their new texts. Of repairs that touch the same bytes the first one
/// is made; the others are for the next round.
pub fn mend<'f>(repairs: impl IntoIterator<Item = &'f Fix>, files: &Files) -> Vec<FixedFile> {
    let mut changes: BTreeMap<FileId, Vec<Change>> = BTreeMap::new();
    for fix in repairs {
        let file = fix.edit.span().file;
        let made = changes.entry(file).or_default();
        if let Some(new) = realise(&fix.edit, &files.get(file).text)
            && new.iter().all(|new| made.iter().all(|old| are_apart(&old.bytes, &new.bytes)))
        {
            made.extend(new);
        }
    }
    changes
        .into_iter()
        .filter(|(_, changes)| !changes.is_empty())
        .map(|(file, mut changes)| {
            changes.sort_by_key(|change| change.bytes.start);
            let File { text, shown, .. } = files.get(file);
            FixedFile { file, text: apply(&changes, text), shown: apply(&changes, shown) }
        })
        .collect()
}

fn are_apart(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.end < b.start || b.end < a.start
}

/// The changes stand in order; the text may be the masked one, which is as long.
fn apply(changes: &[Change], text: &str) -> String {
    let mut mended = text.to_owned();
    for change in changes.iter().rev() {
        mended.replace_range(change.bytes.clone(), &change.text);
    }
    mended
}

/// The changes that an edit comes to; none where the text is not as the edit needs it.
fn realise(edit: &Edit, text: &str) -> Option<Vec<Change>> {
    let bytes = edit.span().range();
    let written = text.get(bytes.clone())?;
    match edit {
        Edit::Replace(_, new) => Some(vec![Change { bytes, text: new.clone() }]),
        Edit::RemoveLines(_) => {
            let lines = whole_lines(text, &bytes)?;
            Some(vec![Change { bytes: lines, text: String::new() }])
        }
        Edit::Indent(_, by) => {
            let start = text[..bytes.start].rfind('\n').map_or(0, |end| end + 1);
            let breaks = written.match_indices('\n').map(|(at, _)| bytes.start + at + 1);
            let starts = std::iter::once(start).chain(breaks);
            // A line of nothing needs no blanks.
            let full = starts.filter(|&at| !text[at..].starts_with(['\n', '\r']) && at < bytes.end);
            Some(full.map(|at| Change { bytes: at..at, text: " ".repeat(*by) }).collect())
        }
    }
}

/// The lines of these bytes with their ends, if they hold nothing else: no comment is lost.
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
    use crate::span::Span;

    /// Makes an edit of a place.
    type Maker = fn(Span) -> Edit;

    /// The text after edits of the first place that holds each of these.
    fn mended(text: &str, edits: &[(&str, Maker)]) -> String {
        let mut files = Files::default();
        let file = files.add("a", text);
        let repairs: Vec<Fix> = edits
            .iter()
            .map(|(part, edit)| {
                let start = text.find(part).unwrap();
                Fix { edit: edit(Span::new(file, start, start + part.len())), certain: true }
            })
            .collect();
        mend(&repairs, &files).pop().map_or_else(|| text.to_owned(), |mended| mended.text)
    }

    #[test]
    fn bytes_are_replaced_from_behind() {
        let long = |span| Edit::Replace(span, "longer".to_owned());
        assert_eq!(
            mended("a: 1 # b\nc: 2\n", &[("1", long), ("2", long)]),
            "a: longer # b\nc: longer\n"
        );
    }

    #[test]
    fn of_two_repairs_of_one_place_the_first_is_made() {
        let (x, y) = (|s| Edit::Replace(s, "x".to_owned()), |s| Edit::Replace(s, "y".to_owned()));
        assert_eq!(mended("abc", &[("ab", x), ("bc", y)]), "xc");
    }

    #[test]
    fn lines_go_with_their_ends_unless_a_comment_would_go_too() {
        for (text, part, left) in [
            ("a:\n  b: 1\n  c: 2\n", "b: 1", "a:\n  c: 2\n"),
            ("a:\n  b: 1", "b: 1", "a:\n"),
            ("a:\r\n  b: 1\r\n", "b: 1", "a:\r\n"),
            ("a: 1 # why\n", "a: 1", "a: 1 # why\n"),
            ("a: {b: 1, c: 2}\n", "b: 1", "a: {b: 1, c: 2}\n"),
        ] {
            assert_eq!(mended(text, &[(part, Edit::RemoveLines)]), left, "{text}");
        }
    }

    #[test]
    fn a_block_moves_to_the_right() {
        let right = |span| Edit::Indent(span, 2);
        assert_eq!(
            mended("p:\nR:\n  a: 1\n\n  b: 2\nq:\n", &[("R:\n  a: 1\n\n  b: 2", right)]),
            "p:\n  R:\n    a: 1\n\n    b: 2\nq:\n"
        );
    }
}
