//! One line per finding, for editors and `grep`.
//!
//! Must not quote a file.

use super::printable::one_line;
use super::view::{Located, View};
use super::wording::conclusion;

pub fn render(view: &View<'_>) -> String {
    let lines = view.findings().into_iter().map(line);
    lines.chain([conclusion(view)]).map(|line| line + "\n").collect()
}

/// `file:line:column: error[group/name]: message`.
pub fn line(finding: &Located<'_>) -> String {
    let start = finding.start();
    one_line(&format!(
        "{}:{}:{}: {}[{}]: {}{}",
        finding.file(),
        start.line,
        start.column,
        finding.severity().word(),
        finding.id(),
        finding.finding.message,
        scope(finding),
    ))
}

/// ` (v2.9.0–v3.0.0 only)` where other releases were judged and do not have it.
pub fn scope(finding: &Located<'_>) -> String {
    finding.only.as_ref().map(|only| format!(" ({only} only)")).unwrap_or_default()
}
