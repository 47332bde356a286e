//! How a run ends: its exit status.
//!
//! Must not print, and must not exit: `main` does.

use crate::diagnostic::CheckKind;
use crate::verdict::{Report, is_nothing_checked};
use std::process::ExitCode;

/// The exit status. Never `Clean` if an input could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    Clean,
    /// Findings at or above the fail level.
    Blocked,
    /// Usage error, unreadable input, or nothing to check.
    Unusable,
    /// A bug in this program.
    Internal,
}

impl ExitStatus {
    /// The status of a run that checked all its inputs. `exit_zero` is `--exit-zero`.
    pub fn of(report: &Report, exit_zero: bool) -> Self {
        let mut findings = report.deployments.iter().flat_map(|d| &d.findings);
        if findings.any(|reported| reported.finding.check.kind == CheckKind::Internal) {
            return Self::Internal;
        }
        if exit_zero {
            Self::Clean
        } else if report.blocked {
            Self::Blocked
        } else if is_nothing_checked(&report.deployments) {
            Self::Unusable
        } else {
            Self::Clean
        }
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

    #[test]
    fn only_a_blocked_run_exits_with_1() {
        let run = |blocked| Report { blocked, ..Report::default() };
        assert_eq!(ExitStatus::of(&run(true), false).code(), 1);
        assert_eq!(ExitStatus::of(&run(true), true).code(), 0);
        assert_eq!(ExitStatus::of(&run(false), false).code(), 0);
        assert_eq!([ExitStatus::Unusable.code(), ExitStatus::Internal.code()], [2, 3]);
    }
}
