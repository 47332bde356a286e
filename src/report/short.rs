//! One line per finding, for editors and `grep`.
//!
//! Must not quote lines of a file.

use super::basis;
use super::escape::one_line;
use super::view::{Located, View};
use super::wording::{conclusion, limited, message};
use super::{Detail, statistics};

pub fn render(view: &View<'_>, detail: &Detail) -> String {
    let (shown, more) = limited(view, detail);
    let statistics = detail.statistics.then(|| statistics::render(view));
    let lines = shown.into_iter().map(line).chain(more);
    if detail.quiet {
        return statistics.into_iter().chain(lines.map(|line| line + "\n")).collect();
    }
    let excluded = view
        .excluded()
        .map(|[name, by, reason]| one_line(&format!("{name}: excluded by {by}: {reason}")));
    let basis = basis::lines(view).into_iter().map(|line| one_line(&line));
    let lines = lines.chain(excluded).chain(basis).chain([conclusion(view)]);
    statistics.into_iter().chain(lines.map(|line| line + "\n")).collect()
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
