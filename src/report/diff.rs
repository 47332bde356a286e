//! A change of a file as a unified diff.

use similar::TextDiff;

/// As `patch` and `git apply` take it.
pub fn write_diff(name: &str, before: &str, after: &str) -> String {
    const AROUND: usize = 3;
    let diff = TextDiff::from_lines(before, after);
    let (old, new) = (format!("a/{name}"), format!("b/{name}"));
    diff.unified_diff().context_radius(AROUND).header(&old, &new).to_string()
}
