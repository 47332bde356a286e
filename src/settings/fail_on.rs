//! The severity from which findings fail a run.

use crate::diagnostic::Severity;
use clap::ValueEnum;
use serde::Deserialize;

/// The lowest severity that fails a run, strictest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    Note,
    Warning,
    #[default]
    Error,
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

    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Never => "never",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_fails_its_severity_and_those_above() {
        for (level, failing) in [
            (FailOn::Error, &[Severity::Error][..]),
            (FailOn::Warning, &[Severity::Error, Severity::Warning]),
            (FailOn::Note, &[Severity::Error, Severity::Warning, Severity::Note]),
            (FailOn::Never, &[]),
        ] {
            for severity in [Severity::Error, Severity::Warning, Severity::Note] {
                let expected = failing.contains(&severity);
                assert_eq!(level.fails(severity), expected, "{level:?} {severity:?}");
            }
        }
        assert!(FailOn::Note < FailOn::Error && FailOn::Error < FailOn::Never);
    }
}
