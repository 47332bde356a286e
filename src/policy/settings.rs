//! `.refinery-preflight.toml`: what a team has agreed to for good.
//!
//! Its own faults are findings in it, where they leave sense in the rest; what is no settings file at
//! all is refused with its place. Must not open files.

use super::selection::{self, SelectionError};
use super::{FailOn, speaks_for_engine};
use crate::diagnostic::{Check, Severity, checks};
use crate::machine::Machine;
use crate::verdict::Reported;
use globset::{Glob, GlobSet, GlobSetBuilder};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// The file, as it is written:
///
/// ```toml
/// fail-on = "warning"
/// select = ["all"]
/// ignore = ["reload/at-restart"]
/// baseline = "preflight-baseline.json"
///
/// [severity]
/// "capacity/no-memory-limit" = "error"
///
/// [[exception]]
/// check = "rules/drops-unsaid"
/// files = ["staging/**"]
/// reason = "staging drops its probes"
/// until = "2027-01-31"
///
/// [[deployment]]
/// config = ["base.yaml", "production.yaml"]
/// rules = ["rules.yaml"]
/// refinery = "3.1.0"
/// arguments = ["--no-validate"]
/// variables = { REDIS_HOST = "redis:6379" }
/// memory = "4Gi"
/// cores = 2
/// replicas = 3
///
/// [[deployment]]
/// values = ["values.yaml", "eu/values.yaml"]
/// ```
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    pub fail_on: Option<FailOn>,
    pub select: Vec<String>,
    pub ignore: Vec<String>,
    /// Relative to the settings.
    pub baseline: Option<String>,
    severity: BTreeMap<Spanned<String>, Severity>,
    #[serde(rename = "exception")]
    pub exceptions: Vec<Exception>,
    #[serde(rename = "deployment")]
    pub deployments: Vec<Agreed>,
}

/// A deployment, and how it is run. Its files lie relative to the settings.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Agreed {
    pub config: Vec<String>,
    pub rules: Vec<String>,
    /// Values files of the Refinery chart, each laid over those before it.
    pub values: Vec<String>,
    /// One release.
    pub refinery: Option<String>,
    /// The engine's command line, apart from its files.
    pub arguments: Vec<String>,
    /// In the words of `--world`.
    #[serde(flatten)]
    pub machine: Machine,
}

/// Findings that the team lives with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    pub check: Spanned<String>,
    /// Patterns for names of files, from any folder on; all files where none is given.
    #[serde(default)]
    files: Patterns,
    #[serde(deserialize_with = "some_text")]
    pub reason: String,
    /// The last day on which it holds.
    #[serde(default)]
    pub until: Option<Spanned<Date>>,
}

/// Why a text is no settings file.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    #[error("{0}")]
    Selection(#[from] SelectionError),
    #[error("`{0}` is the engine's verdict and stays an error")]
    Verdict(String),
}

impl Settings {
    /// # Errors
    /// The text is no TOML, has keys that nobody knows, or names checks that there are none of.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let settings: Self = toml::from_str(text)?;
        for id in settings.severity.keys() {
            selection::known(id.get_ref())?;
            let is_it =
                |check: &&'static Check| check.id == id.get_ref() && speaks_for_engine(check);
            if checks().iter().any(is_it) {
                return Err(SettingsError::Verdict(id.get_ref().clone()));
            }
        }
        Ok(settings)
    }

    /// How much a check's findings matter here.
    pub fn severity_of(&self, id: &str) -> Option<Severity> {
        self.severity.iter().find(|(name, _)| name.get_ref() == id).map(|(_, severity)| *severity)
    }
}

impl Exception {
    /// Is it about this finding in this file?
    pub fn covers(&self, reported: &Reported, file: &str) -> bool {
        reported.finding.check.id == self.check.get_ref() && self.is_about(file)
    }

    /// Is it about findings in this file?
    pub fn is_about(&self, file: &str) -> bool {
        self.files.0.is_empty() || self.files.0.is_match(file)
    }

    /// It names files of its own.
    pub fn names_files(&self) -> bool {
        !self.files.0.is_empty()
    }

    /// The bytes of the settings that name its check.
    pub fn place(&self) -> Range<usize> {
        self.check.span()
    }
}

/// Patterns for names of files.
#[derive(Debug, Default)]
struct Patterns(GlobSet);

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut set = GlobSetBuilder::new();
        for pattern in Vec::<String>::deserialize(deserializer)? {
            set.add(Glob::new(&pattern).map_err(de::Error::custom)?);
            set.add(Glob::new(&format!("**/{pattern}")).map_err(de::Error::custom)?);
        }
        set.build().map(Self).map_err(de::Error::custom)
    }
}

fn some_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Err(de::Error::custom("a reason is wanted"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_was_agreed() {
        let settings = Settings::parse(
            "fail-on = \"note\"\nignore = [\"reload\"]\n[severity]\n\"rules/drops-unsaid\" = \
             \"warning\"\n[[exception]]\ncheck = \"rules/drops-unsaid\"\nfiles = [\"a/*.yaml\"]\n\
             reason = \"r\"\nuntil = \"2027-01-31\"\n",
        )
        .unwrap();
        assert_eq!(settings.fail_on, Some(FailOn::Note));
        assert_eq!(settings.severity_of("rules/drops-unsaid"), Some(Severity::Warning));
        let exception = &settings.exceptions[0];
        for (file, about) in
            [("a/x.yaml", true), ("deep/a/x.yaml", true), ("b/x.yaml", false), ("a/b/x.yaml", true)]
        {
            assert_eq!(exception.is_about(file), about, "{file}");
        }
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for (text, word) in [
            ("failon = 1", "unknown field"),
            ("fail-on = \"loud\"", "unknown variant"),
            ("[severity]\n\"rules/nonsense\" = \"note\"", "no check"),
            ("[severity]\n\"start/merge-crash\" = \"note\"", "verdict"),
            ("[[deployment]]\nconfigs = []", "unknown field `configs`"),
            ("[[deployment]]\nmemory = \"4 G\"", "`memory`: the unit"),
            ("[[exception]]\ncheck = \"rules/drops-unsaid\"", "missing field `reason`"),
            ("[[exception]]\ncheck = \"a/b\"\nreason = \" \"", "a reason is wanted"),
            ("[[exception]]\ncheck = \"a/b\"\nreason = \"r\"\nfiles = [\"[\"]", "glob"),
            ("[[exception]]\ncheck = \"a/b\"\nreason = \"r\"\nuntil = \"soon\"", "until"),
        ] {
            let error = Settings::parse(text).unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
