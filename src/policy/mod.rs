//! What a team has agreed to: which checks count, how much, and what it lives with for a reason.
//!
//! Works on a finished report. The engine's own verdicts are never talked away: no comment, no
//! setting and no baseline removes an error that stops a process.

mod baseline;
mod comment;
mod exceptions;
mod exit;
mod selection;
mod settings;
mod suppress;

pub use baseline::{Baseline, BaselineError};
pub use exit::{ExitStatus, FailOn};
pub use selection::{Selection, SelectionError};
pub use settings::{Agreed, Settings, SettingsError};

use crate::diagnostic::{Check, Severity};
use crate::span::{FileId, Files};
use crate::verdict::{Report, Reported};
use jiff::civil::Date;

/// What a team has agreed to.
#[derive(Debug, Default)]
pub struct Policy {
    pub selection: Selection,
    pub baseline: Baseline,
    /// The settings, and the file that they stand in.
    pub settings: Option<(Settings, FileId)>,
    /// What an agreement with an end is held against; none ends where nobody knows the day.
    pub today: Option<Date>,
}

/// Applies it: findings are left out or set aside, and agreements that are void are reported.
pub fn apply(policy: &Policy, report: &mut Report, files: &Files) {
    for reported in report.deployments.iter_mut().flat_map(|d| &mut d.findings) {
        let agreed = policy.settings.as_ref().map(|(settings, _)| settings);
        let severity = agreed.and_then(|s| s.severity_of(reported.finding.check.id));
        reported.severity = severity.unwrap_or(reported.severity);
    }
    suppress::set_aside_by_comments(report, files, policy);
    exceptions::set_aside_by_settings(report, files, policy);
    for deployment in &mut report.deployments {
        deployment.findings.retain(|reported| {
            is_verdict(reported) || policy.selection.holds(reported.finding.check.id)
        });
        policy.baseline.set_aside(deployment, files);
    }
}

/// Groups of checks that speak for the engine.
const ENGINE: [&str; 7] =
    ["syntax", "schema", "start", "reload", "first-trace", "version", "internal"];

/// The engine says no, or this program could not judge.
pub fn is_verdict(reported: &Reported) -> bool {
    speaks_for_engine(reported.finding.check)
}

fn speaks_for_engine(check: &Check) -> bool {
    let group = check.id.split('/').next().unwrap_or_default();
    check.severity == Severity::Error && ENGINE.contains(&group)
}
