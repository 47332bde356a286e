//! Merge conflicts in scripts and Dockerfiles. YAML reports its own in `syntax`.

use super::Outer;
use crate::check;
use crate::diagnostic::Finding;
use crate::span::Span;
use crate::syntax::yaml::find_conflicts;

check!(
    UNMERGED,
    "intake/merge-conflict",
    Error,
    kind: Verdict,
    "unresolved merge conflict in a script or Dockerfile for Refinery",
    "The shell, Make or Docker fails at the conflict markers, so nothing is rolled out. Neither side was \
     checked."
);

/// Reports each merge conflict in a file. Single markers may be content, such as a heading.
pub fn find_unmerged(outer: Outer<'_>) -> Vec<Finding> {
    let conflicts = find_conflicts(outer.text).into_iter();
    let found = conflicts.filter_map(|conflict| {
        let (first, last) = (conflict.marks.first()?.clone(), conflict.marks.last()?.clone());
        let is_whole =
            outer.text[first.clone()].starts_with('<') && outer.text[last.clone()].starts_with('>');
        let finding = Finding::new(&UNMERGED, "unresolved merge conflict")
            .at(Span::new(outer.file, first.start, first.end), "conflict marker")
            .at(Span::new(outer.file, last.start, last.end), "");
        is_whole
            .then(|| finding.help("keep one side and remove the lines with the conflict markers"))
    });
    found.collect()
}
