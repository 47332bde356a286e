//! What a team has agreed to: which checks count, how much, and what it lives with for a reason.
//!
//! Works on a finished report. The engine's own verdicts are never talked away: no comment, no
//! setting and no baseline removes an error that stops a process.

mod baseline;
mod comment;
mod selection;
mod suppress;

pub use baseline::{Baseline, BaselineError};
pub use selection::{Selection, SelectionError};

use crate::diagnostic::Severity;
use crate::span::Files;
use crate::verdict::{Report, Reported};
use jiff::civil::Date;

/// What a team has agreed to.
#[derive(Debug, Default)]
pub struct Policy {
    pub selection: Selection,
    pub baseline: Baseline,
    /// What an agreement with an end is held against; none ends where nobody knows the day.
    pub today: Option<Date>,
}

/// Applies it: findings are left out or set aside, and agreements that are void are reported.
pub fn apply(policy: &Policy, report: &mut Report, files: &Files) {
    suppress::set_aside_by_comments(report, files, policy);
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
    let check = reported.finding.check;
    let group = check.id.split('/').next().unwrap_or_default();
    check.severity == Severity::Error && ENGINE.contains(&group)
}
