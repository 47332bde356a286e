//! Findings about the settings files.

use super::Policy;
use crate::check;
use crate::diagnostic::{Finding, Severity};
use crate::span::{FileId, Span};
use crate::verdict::{DeploymentReport, Report, Reported};

check!(
    CHANGED,
    "settings/changed",
    Warning,
    kind: Intent,
    "settings or baseline changed together with the checked files",
    "A change must not be able to relax its own checks, so settings that do so only take effect \
     after they are merged. Until then the stricter of the old and the new settings apply."
);

/// Adds findings about the settings to a report.
pub fn report_settings(report: &mut Report, policy: &Policy) {
    let mut findings: Vec<Reported> = Vec::new();
    for change in &policy.changes {
        let relaxed = &change.relaxations.0;
        let message = if relaxed.is_empty() {
            "the settings change together with the checked files".to_owned()
        } else {
            format!("the settings change and relax the gate: {}", relaxed.join("; "))
        };
        let finding = Finding::new(&CHANGED, message).at(top(change.file), "changed");
        let mut reported = Reported::new(finding, Vec::new());
        if relaxed.is_empty() {
            reported.severity = Severity::Note;
        } else {
            let help = "merge the settings first; until then the old settings apply";
            reported.finding = reported.finding.help(help);
        }
        findings.push(reported);
    }
    if findings.is_empty() {
        return;
    }
    let is_selected = |reported: &Reported| {
        let id = reported.finding.check.id;
        policy.all_terms().iter().all(|terms| terms.settings.selection.holds(id))
    };
    findings.retain(is_selected);
    // These findings belong to no deployment.
    report.deployments.push(DeploymentReport { findings, ..DeploymentReport::default() });
}

fn top(file: FileId) -> Span {
    Span::new(file, 0, 0)
}
