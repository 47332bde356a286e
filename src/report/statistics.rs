//! The number of findings per check, most severe first.

use super::view::{Located, View};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One line per check: ` 12  error    schema/unknown-key  unknown key [fixable]`.
pub fn render(view: &View<'_>) -> String {
    let mut counts: BTreeMap<&str, (usize, &Located<'_>)> = BTreeMap::new();
    for finding in view.findings() {
        counts.entry(finding.id()).or_insert((0, finding)).0 += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(id, (count, finding))| (Reverse(finding.severity()), Reverse(*count), *id));
    let digits = rows.iter().map(|(_, (count, _))| count.to_string().len()).max().unwrap_or(0);
    let width = rows.iter().map(|(id, _)| id.len()).max().unwrap_or(0);
    let line = |(id, (count, finding)): (&str, (usize, &Located<'_>))| {
        let severity = finding.severity().word();
        let summary = finding.finding.check.summary;
        format!("{count:>digits$}  {severity:<7}  {id:<width$}  {summary}\n")
    };
    rows.into_iter().map(line).collect()
}
