//! What a release that is not known means for the findings of the one that was checked in its place.

use super::analysis::present;
use crate::diagnostic::{Finding, Severity};
use crate::release::Pin;
use crate::schema::secrets::Secrets;
use crate::span::Files;
use crate::verdict::{DeploymentReport, Reported};

/// Reports a pin that may mean another release than the one that was checked, and marks the errors
/// that such a one may not raise.
pub fn doubt(pin: &Pin, files: &Files, secrets: &Secrets, report: &mut DeploymentReport) {
    let releases: Vec<String> = report.verdicts.iter().map(|v| v.release.clone()).collect();
    let checked = pin.named.release().map(|release| release.to_string());
    for reported in report.findings.iter_mut().filter(|r| depends_on_release(&r.finding)) {
        let is_of_it = checked.as_ref().is_some_and(|checked| reported.releases.contains(checked));
        reported.doubt = pin.doubt().filter(|_| is_of_it).or(reported.doubt.take());
    }
    let finding = pin.finding().map(|finding| present(finding, files, &[secrets]));
    report.findings.extend(finding.map(|finding| Reported::new(finding, releases)));
}

/// Is it about keys, values and samplers, which come and go with releases?
fn depends_on_release(finding: &Finding) -> bool {
    let group = finding.check.id.split('/').next();
    finding.check.severity == Severity::Error
        && matches!(group, Some("schema" | "version" | "first-trace"))
}
