//! What a run's findings do to the one who waits for it: does it block, with which exit status?
//!
//! Must not print, and must not exit: `main` does.

use crate::diagnostic::{Check, Severity};
use crate::verdict::Report;
use clap::ValueEnum;
use serde::Deserialize;
use std::process::ExitCode;

/// The least severity that blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    #[default]
    Error,
    Warning,
    Note,
    Never,
}

impl FailOn {
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Note => severity >= Severity::Note,
            Self::Never => false,
        }
    }

    /// Is there a finding at or above this level? An old one counts only if it is an error: a
    /// deployment that does not start is not to be merged, whoever broke it.
    pub fn blocked(self, report: &Report) -> bool {
        let mut findings = report.deployments.iter().flat_map(|d| &d.findings);
        findings.any(|reported| {
            let severity = reported.severity;
            self.fails(severity) && (reported.new != Some(false) || severity == Severity::Error)
        })
    }
}

/// How the process ends. Never clean for something that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    Clean,
    /// Findings at or above the fail level.
    Blocked,
    /// Wrong use, unreadable or no input.
    Unusable,
    /// A fault of ours.
    Internal,
}

impl ExitStatus {
    /// The status of a run that judged all it was given; `exit_zero` is for those who only look.
    pub fn of(report: &Report, exit_zero: bool) -> Self {
        let mut findings = report.deployments.iter().flat_map(|d| &d.findings);
        let is_fault =
            |check: &Check| check.severity == Severity::Error && check.id.starts_with("internal/");
        if findings.any(|reported| is_fault(reported.finding.check)) {
            return Self::Internal;
        }
        if report.blocked && !exit_zero { Self::Blocked } else { Self::Clean }
    }

    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Blocked => 1,
            Self::Unusable => 2,
            Self::Internal => 3,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Finding;
    use crate::verdict::{DeploymentReport, Reported};

    static WARNING: Check =
        Check { id: "test/warning", severity: Severity::Warning, summary: "", why: "", page: None };

    fn report() -> Report {
        let finding = Finding::new(&WARNING, "bad");
        let reported = Reported::new(finding, Vec::new());
        let deployment = DeploymentReport { findings: vec![reported], ..Default::default() };
        Report { deployments: vec![deployment], ..Default::default() }
    }

    #[test]
    fn a_finding_blocks_from_its_own_level_on() {
        for (level, expected) in [
            (FailOn::Error, false),
            (FailOn::Warning, true),
            (FailOn::Note, true),
            (FailOn::Never, false),
        ] {
            assert_eq!(level.blocked(&report()), expected, "{level:?}");
            assert!(!level.blocked(&Report::default()), "{level:?}");
        }
    }

    #[test]
    fn what_is_old_blocks_only_as_an_error() {
        let mut report = report();
        for (new, blocked) in [(None, true), (Some(true), true), (Some(false), false)] {
            report.deployments[0].findings[0].new = new;
            assert_eq!(FailOn::Warning.blocked(&report), blocked, "{new:?}");
        }
        report.deployments[0].findings[0].severity = Severity::Error;
        assert!(FailOn::Error.blocked(&report));
    }

    #[test]
    fn only_a_blocked_run_ends_with_one() {
        let run = |blocked| Report { blocked, ..report() };
        assert_eq!(ExitStatus::of(&run(true), false).code(), 1);
        assert_eq!(ExitStatus::of(&run(true), true).code(), 0);
        assert_eq!(ExitStatus::of(&run(false), false).code(), 0);
        assert_eq!([ExitStatus::Unusable.code(), ExitStatus::Internal.code()], [2, 3]);
    }
}
