//! Merge conflicts in scripts and Dockerfiles. YAML reports its own in `syntax`.

use super::Outer;
use crate::check;
use crate::diagnostic::Finding;
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
    let whole = conflicts.filter(|conflict| conflict.is_whole(outer.text));
    whole.map(|conflict| conflict.finding(&UNMERGED, outer.file)).collect()
}
