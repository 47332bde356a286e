//! Applies a team's decisions to findings: selected checks, severities, suppressions, baselines.
//!
//! Works on a finished report. Verdicts cannot be lowered: no comment, settings file or baseline
//! removes an error that stops a process, or lets a run with one pass.

mod baseline;
mod comment;
mod exceptions;
mod exit;
mod key_path;
mod settings_findings;
mod suppress;

pub use crate::settings::{FailOn, Selection};
pub use baseline::Baseline;
pub use exit::ExitStatus;

use crate::diagnostic::Severity;
use crate::settings::{ProjectSettings, Relaxations};
use crate::span::{FileId, Files};
use crate::verdict::{Report, Reported};
use jiff::civil::Date;
use std::sync::Arc;

/// The team's decisions for each deployment of a report.
#[derive(Debug, Default)]
pub struct Policy {
    /// One per deployment, in the same order. Missing entries mean the defaults.
    pub terms: Vec<Arc<Terms>>,
    /// Settings files that differ from the state before the checked change.
    pub changes: Vec<SettingsChanged>,
    /// Verdicts do not fail the run either (`--fail-on never`; settings cannot say this).
    pub ignores_verdicts: bool,
    /// Decides which exceptions have expired. `None`: no exception expires.
    pub today: Option<Date>,
}

/// The decisions that apply to one deployment.
#[derive(Debug, Default)]
pub struct Terms {
    pub settings: ProjectSettings,
    /// The settings file, if there is one.
    pub file: Option<FileId>,
    /// A finding is suppressed only if every one of these contains it.
    pub baselines: Vec<Baseline>,
    /// Every file that the excludes could match was visited, so an unused exclude can be reported.
    pub is_searched: bool,
}

/// A settings file that differs from the state before the checked change.
#[derive(Debug)]
pub struct SettingsChanged {
    pub file: FileId,
    pub relaxations: Relaxations,
}

impl Policy {
    /// The decisions for a deployment, by its index in the report.
    fn terms(&self, deployment: usize) -> Arc<Terms> {
        self.terms.get(deployment).cloned().unwrap_or_default()
    }

    /// Every distinct set of decisions.
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

/// Removes or suppresses findings, and reports suppressions that have no effect.
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
    settings_findings::report_settings(report, policy);
}

/// Decides which findings fail the run, and whether the run is blocked. A finding from before the
/// change counts only if it is an error: a deployment that does not start must not be merged, no
/// matter which change broke it.
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

/// Whether a finding is Refinery's own verdict, or means that the verdict is unknown.
pub fn is_verdict(reported: &Reported) -> bool {
    reported.finding.check.is_verdict()
}

/// The severity from the settings. The severity of a verdict cannot be changed.
fn severity(reported: &Reported, settings: &ProjectSettings) -> Severity {
    let given = settings.severity.get(reported.finding.check.id);
    given.copied().filter(|_| !is_verdict(reported)).unwrap_or(reported.severity)
}
