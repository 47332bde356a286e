//! One line per finding, for editors and `grep`.
//!
//! Must not quote a file.

use super::basis;
use super::escape::one_line;
use super::view::{Located, View};
use super::wording::{conclusion, message};

pub fn render(view: &View<'_>) -> String {
    let lines = view.findings().into_iter().map(line);
    let excluded = view
        .excluded()
        .map(|[name, by, reason]| one_line(&format!("{name}: excluded by {by}: {reason}")));
    let basis = basis::lines(view).into_iter().map(|line| one_line(&line));
    lines.chain(excluded).chain(basis).chain([conclusion(view)]).map(|line| line + "\n").collect()
}

/// `file:line:column: error[group/name]: message`.
pub fn line(finding: &Located<'_>) -> String {
    let start = finding.start();
    one_line(&format!(
        "{}:{}:{}: {}[{}]: {}",
        finding.file(),
        start.line,
        start.column,
        finding.severity().word(),
        finding.id(),
        message(finding),
    ))
}
