//! Merge conflict markers.

use super::line::Line;
use crate::diagnostic::{Check, Finding};
use crate::span::{FileId, Span};
use std::ops::Range;

/// A merge conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The markers: `<<<<<<<`, `|||||||` if present, `=======` and `>>>>>>>`.
    pub marks: Vec<Range<usize>>,
    /// What must be removed to keep only the first side.
    pub removed: Vec<Range<usize>>,
}

impl Conflict {
    /// Whether it has both its first and its last marker.
    pub fn is_whole(&self, text: &str) -> bool {
        let starts_with = |mark: Option<&Range<usize>>, sign: char| {
            mark.and_then(|mark| text.get(mark.clone())).is_some_and(|mark| mark.starts_with(sign))
        };
        starts_with(self.marks.first(), '<') && starts_with(self.marks.last(), '>')
    }

    /// The finding of a check on it.
    pub fn finding(&self, check: &'static Check, file: FileId) -> Finding {
        let finding = Finding::new(check, "unresolved merge conflict")
            .help("keep one side and remove the lines with the conflict markers");
        self.marks.iter().fold(finding, |finding, mark| {
            let text = if finding.labels.is_empty() { "conflict marker" } else { "" };
            finding.at(Span::new(file, mark.start, mark.end), text)
        })
    }
}

/// All merge conflicts of a text, including single markers.
pub fn find_conflicts(text: &str) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    let mut open: Option<Conflict> = None;
    let mut other: Option<usize> = None;
    for line in Line::all(text) {
        let Some(mark) = mark(&line) else { continue };
        let place = line.start..line.start + mark.len();
        let conflict = open.get_or_insert_with(|| Conflict { marks: vec![], removed: vec![] });
        if mark == "<<<<<<<" && !conflict.marks.is_empty() {
            conflicts.extend(open.replace(Conflict { marks: vec![], removed: vec![] }));
            other = None;
        }
        let Some(conflict) = &mut open else { continue };
        conflict.marks.push(place);
        match mark {
            ">>>>>>>" => {
                let start = other.take().unwrap_or(line.start);
                conflict.removed.push(start..line.end);
                conflicts.extend(open.take());
            }
            "<<<<<<<" => conflict.removed.push(line.start..line.end),
            _ => {
                other.get_or_insert(line.start);
                conflict.removed.push(line.start..line.end);
            }
        }
    }
    conflicts.extend(open);
    conflicts
}

fn mark(line: &Line<'_>) -> Option<&'static str> {
    const MARKS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
    let rest = |mark: &str| line.whole().strip_prefix(mark).map(str::to_owned);
    MARKS.into_iter().find(|mark| rest(mark).is_some_and(|r| r.is_empty() || r.starts_with(' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_includes_all_its_markers() {
        let text = "a\n<<<<<<< HEAD\nb\n||||||| base\nc\n=======\nd\n>>>>>>> x\ne\n<<<<<<< HEAD\n";
        let conflicts = find_conflicts(text);
        assert_eq!(conflicts.iter().map(|c| c.marks.len()).collect::<Vec<_>>(), [4, 1]);
        let mut left = text.to_owned();
        let removed = conflicts.iter().flat_map(|c| &c.removed);
        for range in removed.cloned().collect::<Vec<_>>() {
            left.replace_range(range.clone(), &" ".repeat(range.len()));
        }
        assert_eq!(left.split_whitespace().collect::<Vec<_>>(), ["a", "b", "e"]);
        assert_eq!(find_conflicts("a: ======= b\n========\n"), []);
    }
}
