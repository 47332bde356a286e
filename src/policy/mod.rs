//! What a team has decided, applied to findings: which checks count, how much, and what is
//! suppressed for a reason.
//!
//! Works on a finished report. Verdicts are never lowered: no comment, no settings and no baseline
//! removes an error that stops a process, nor lets a run pass that has one.

mod baseline;
mod comment;
mod exceptions;
mod exit;
mod place;
mod suppress;
mod team;

pub use crate::settings::{FailOn, Selection, SelectionError};
pub use baseline::{Baseline, BaselineError};
pub use exit::ExitStatus;

use crate::diagnostic::Severity;
use crate::settings::{ProjectSettings, Relaxations};
use crate::span::{FileId, Files};
use crate::verdict::{Report, Reported};
use jiff::civil::Date;
use std::sync::Arc;

/// What was decided, for each deployment of a report.
#[derive(Debug, Default)]
pub struct Policy {
    /// In the order of the deployments; without any, the defaults hold.
    pub terms: Vec<Arc<Terms>>,
    /// Settings that the checked change itself changes.
    pub changes: Vec<SettingsChanged>,
    /// Files that are named almost like settings.
    pub misnamed: Vec<FileId>,
    /// Not even a verdict fails the run: only a command line may say so.
    pub ignores_verdicts: bool,
    /// What an exception with an end is held against; none ends where nobody knows the day.
    pub today: Option<Date>,
}

/// What holds for a deployment.
#[derive(Debug, Default)]
pub struct Terms {
    pub settings: ProjectSettings,
    /// The file of the settings.
    pub file: Option<FileId>,
    /// A finding is in the baseline if all of these have it.
    pub baselines: Vec<Baseline>,
    /// All files that their excludes may be about have been looked at.
    pub is_searched: bool,
}

/// A settings file that is not what it was before the change.
#[derive(Debug)]
pub struct SettingsChanged {
    pub file: FileId,
    pub relaxations: Relaxations,
}

impl Policy {
    /// What holds for a deployment, by its number in the report.
    fn terms(&self, deployment: usize) -> Arc<Terms> {
        self.terms.get(deployment).cloned().unwrap_or_default()
    }

    /// All terms, each once.
    fn all_terms(&self) -> Vec<Arc<Terms>> {
        let mut all: Vec<Arc<Terms>> = Vec::new();
        for terms in &self.terms {
            if !all.iter().any(|known| Arc::ptr_eq(known, terms)) {
                all.push(terms.clone());
            }
        }
        if all.is_empty() { vec![Arc::default()] } else { all }
    }
}

/// Applies it: findings are left out or suppressed, and suppressions that do not hold are reported.
pub fn apply(policy: &Policy, report: &mut Report, files: &Files) {
    for (index, deployment) in report.deployments.iter_mut().enumerate() {
        let terms = policy.terms(index);
        for reported in &mut deployment.findings {
            reported.severity = severity(reported, &terms.settings);
        }
    }
    suppress::by_comments(report, files, policy);
    exceptions::by_settings(report, files, policy);
    for (index, deployment) in report.deployments.iter_mut().enumerate() {
        let terms = policy.terms(index);
        deployment.findings.retain(|reported| {
            is_verdict(reported) || terms.settings.selection.holds(reported.finding.check.id)
        });
        baseline::suppress(&terms.baselines, deployment, files);
    }
    team::report_settings(report, policy);
}

/// Decides which findings fail the run, and whether any does. A finding that was there before counts
/// only if it is an error: a deployment that does not start is not to be merged, whoever broke it.
pub fn decide(policy: &Policy, report: &mut Report) {
    for (index, deployment) in report.deployments.iter_mut().enumerate() {
        let fail_on = policy.terms(index).settings.fail_on;
        for reported in &mut deployment.findings {
            let severity = reported.severity;
            let counts = reported.new != Some(false) || severity == Severity::Error;
            reported.blocks = if is_verdict(reported) {
                !policy.ignores_verdicts
            } else {
                fail_on.fails(severity) && counts
            };
        }
    }
    report.blocked = report.deployments.iter().flat_map(|d| &d.findings).any(|f| f.blocks);
}

/// Refinery says no, or nobody knows what it says.
pub fn is_verdict(reported: &Reported) -> bool {
    reported.finding.check.is_verdict()
}

/// The one that the settings give it; that of a verdict is its own.
fn severity(reported: &Reported, settings: &ProjectSettings) -> Severity {
    let given = settings.severity.get(reported.finding.check.id);
    given.copied().filter(|_| !is_verdict(reported)).unwrap_or(reported.severity)
}
