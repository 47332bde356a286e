//! Marks findings that an unknown release may not have.

use super::analysis::present;
use crate::diagnostic::{Finding, Severity};
use crate::release::Pin;
use crate::schema::secrets::Secrets;
use crate::span::Files;
use crate::verdict::{DeploymentReport, Reported};

/// Reports a pin that may mean another release than the checked one, and marks errors that the
/// other release may not have.
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

/// Whether it is about keys, values or samplers, which differ between releases.
fn depends_on_release(finding: &Finding) -> bool {
    let group = finding.check.id.split('/').next();
    finding.check.severity == Severity::Error
        && matches!(group, Some("schema" | "version" | "first-trace"))
}
