//! Workflow commands, which GitHub shows as annotations.
//!
//! GitHub shows ten annotations of each severity per step, so this prints the first ten and the
//! number of others. Must not print anything that a value could turn into a command.

use super::basis;
use super::escape::one_line;
use super::view::{Count, Located, View};
use super::wording::{advice, not_checked};
use crate::diagnostic::Severity;
use std::fmt::Write as _;

const LIMIT: usize = 10;

pub fn render(view: &View<'_>) -> String {
    let mut shown = Count::default();
    let mut cut = Count::default();
    let mut out = String::new();
    for finding in view.findings() {
        let so_far = shown.of_severity(finding.severity());
        if *so_far == LIMIT {
            *cut.of_severity(finding.severity()) += 1;
        } else {
            *so_far += 1;
            out.push_str(&command(finding));
        }
    }
    for [name, by, reason] in view.excluded() {
        let text = data(&not_checked(by, reason));
        let _ = writeln!(out, "::notice file={},title=excluded::{text}", property(name));
    }
    for line in basis::lines(view) {
        // No command: it needs no annotation.
        let _ = writeln!(out, "release: {}", data(&line));
    }
    if cut != Count::default() {
        let _ = writeln!(out, "{cut} more: GitHub shows {LIMIT} annotations of each kind");
    }
    out
}

fn command(finding: &Located<'_>) -> String {
    let name = match finding.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let (title, text) = (property(finding.id()), data(&advice(finding)));
    format!("::{name} {},title={title}::{text}\n", place(finding))
}

/// Has columns only within one line, because GitHub ignores them otherwise.
fn place(finding: &Located<'_>) -> String {
    let file = property(finding.file());
    let Some(mark) = finding.primary() else {
        return format!("file={file}");
    };
    let (start, end) = (mark.start, mark.end);
    let lines = format!("file={file},line={},endLine={}", start.line, end.line);
    if start.line == end.line {
        format!("{lines},col={},endColumn={}", start.column, end.column)
    } else {
        lines
    }
}

fn data(text: &str) -> String {
    one_line(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_end_or_start_a_command() {
        assert_eq!(data("50%\n::error::x"), "50%25%0A::error::x");
        assert_eq!(data("a\rb"), "a%0Db");
        assert_eq!(property("a,b:c\r\n%"), "a%2Cb%3Ac%0D%0A%25");
    }
}
