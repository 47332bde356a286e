//! The change of a file as a unified diff.

use super::escape::{lines, one_line};
use similar::TextDiff;

/// A diff for `patch` and `git apply`, unless a line contains invisible characters, which are
/// replaced.
pub fn write_diff(name: &str, before: &str, after: &str) -> String {
    const AROUND: usize = 3;
    let shown = |text: &str| -> String {
        let (mark, text) = text.split_at(if text.starts_with('\u{feff}') { 3 } else { 0 });
        let line = |line: &str| match line.strip_suffix("\r\n") {
            Some(line) => lines(line) + "\r\n",
            None => lines(line),
        };
        mark.to_owned() + &text.split_inclusive('\n').map(line).collect::<String>()
    };
    let (before, after) = (shown(before), shown(after));
    let diff = TextDiff::from_lines(&before, &after);
    let name = one_line(name);
    let (old, new) = (format!("a/{name}"), format!("b/{name}"));
    diff.unified_diff().context_radius(AROUND).header(&old, &new).to_string()
}
