//! Findings about the settings themselves.

use super::{Policy, Terms};
use crate::check;
use crate::diagnostic::{Finding, Severity};
use crate::span::{FileId, Span};
use crate::verdict::{DeploymentReport, Report, Reported};

check!(
    CHANGED,
    "settings/changed",
    Warning,
    kind: Intent,
    "the settings or the baseline change together with what is checked",
    "what relaxes the gate must be merged before it counts, so that no change can excuse itself; \
     here the settings from before the change hold where they are stricter"
);

check!(
    MISNAMED,
    "settings/misnamed",
    Warning,
    kind: Intent,
    "a settings file without its leading dot, which is not read",
    "only `.refinery-preflight.toml` is read, so nothing that this file says holds"
);

/// Adds what is to be said of the settings to a report.
pub fn report_settings(report: &mut Report, policy: &Policy) {
    let mut findings: Vec<Reported> = Vec::new();
    for change in &policy.changes {
        let relaxed = &change.relaxations.0;
        let message = if relaxed.is_empty() {
            "the settings change with what is checked".to_owned()
        } else {
            format!("the settings change and relax the gate: {}", relaxed.join("; "))
        };
        let finding = Finding::new(&CHANGED, message).at(top(change.file), "changed");
        let mut reported = Reported::new(finding, Vec::new());
        if relaxed.is_empty() {
            reported.severity = Severity::Note;
        } else {
            let help = "until this is merged, the settings from before the change hold";
            reported.finding = reported.finding.help(help);
        }
        findings.push(reported);
    }
    for &file in &policy.misnamed {
        let message = "this file is not read as settings";
        let finding = Finding::new(&MISNAMED, message)
            .at(top(file), "the name has no dot in front")
            .help("rename it to `.refinery-preflight.toml`");
        findings.push(Reported::new(finding, Vec::new()));
    }
    if findings.is_empty() {
        return;
    }
    let is_held = |reported: &Reported| {
        let held = |terms: &Terms| terms.settings.selection.holds(reported.finding.check.id);
        policy.all_terms().iter().all(|terms| held(terms))
    };
    findings.retain(is_held);
    // They are about no deployment.
    report.deployments.push(DeploymentReport { findings, ..DeploymentReport::default() });
}

fn top(file: FileId) -> Span {
    Span::new(file, 0, 0)
}
