//! The settings file `.refinery-preflight.toml`, which applies to its folder and everything below.
//!
//! Finds and parses the file, with the span of every key, and restricts settings that are part of
//! the checked change. Must not run checks or apply settings to findings (`policy` does).

mod budget;
mod exclude;
mod fail_on;
mod files;
mod listing;
mod parse;
mod paths;
mod restrict;
mod schema;
mod selection;
mod shape;

pub use budget::Budget;
pub use exclude::{Exclude, Exclusions};
pub use fail_on::FailOn;
pub use files::{SettingsArgs, SettingsFile, SettingsFiles, folders_above, is_settings};
pub use listing::{Setting, list_settings};
pub use parse::SettingsError;
pub use restrict::Relaxations;
pub use schema::settings_schema;
pub use selection::{Selection, known};

use crate::diagnostic::Severity;
use crate::machine::Machine;
use crate::release::Named;
use crate::vfs::path::split;
use exclude::RawExclude;
use globset::{Glob, GlobSet, GlobSetBuilder};
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// The contents of a settings file:
///
/// ```toml
/// fail-on = "warning"
/// select = ["all"]
/// ignore = ["reload/needs-restart"]
/// baseline = "preflight-baseline.json"
/// tests = ["tests/shop.preflight.yaml"]
///
/// [severity]
/// "capacity/no-memory-limit" = "error"
///
/// [[exception]]
/// check = "rules/implicit-drop"
/// files = ["staging/**"]
/// reason = "staging drops its probes"
/// until = "2027-01-31"
///
/// [[exclude]]
/// files = ["testdata/**"]
/// reason = "broken on purpose, for tests"
///
/// [releases]
/// learned = ["releases/*.json"]
///
/// [plan]
/// budget = { events = 500_000_000, per = "month" }
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
#[derive(Clone, Debug, Default)]
pub struct ProjectSettings {
    pub fail_on: FailOn,
    pub selection: Selection,
    /// Severities by check id.
    pub severity: BTreeMap<String, Severity>,
    /// Relative to the folder of the settings.
    pub baseline: Option<SpannedPath>,
    /// Files with tests of rules that are not beside the rules.
    pub tests: Vec<SpannedPath>,
    pub exceptions: Vec<Exception>,
    pub excludes: Vec<Exclude>,
    /// The release files that `learn` wrote.
    pub learned: Patterns,
    /// The most events that `plan` may find kept.
    pub budget: Option<Budget>,
    pub deployments: Vec<DeploymentSettings>,
}

/// A path in the settings, with its span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpannedPath {
    pub path: String,
    pub span: Range<usize>,
}

/// `[[exception]]`: findings to suppress.
#[derive(Clone, Debug)]
pub struct Exception {
    /// A check id, as written.
    pub check: String,
    /// Its span.
    pub span: Range<usize>,
    pub files: Patterns,
    pub reason: String,
    /// The last day on which it applies, with its span.
    pub until: Option<(Date, Range<usize>)>,
}

/// `[[deployment]]`: files, and how Refinery runs with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeploymentSettings {
    pub config: Vec<SpannedPath>,
    pub rules: Vec<SpannedPath>,
    /// Values files of the Refinery chart, each merged over those before it.
    pub values: Vec<SpannedPath>,
    pub release: Option<Named>,
    /// Refinery's command-line arguments, except those for its files.
    pub arguments: Vec<String>,
    pub machine: Machine,
    /// The span of its table.
    pub span: Range<usize>,
}

impl DeploymentSettings {
    /// All files of the deployment.
    pub fn files(&self) -> impl Iterator<Item = &SpannedPath> {
        self.config.iter().chain(&self.rules).chain(&self.values)
    }
}

/// Glob patterns for files below a folder.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    /// As written.
    written: Vec<String>,
    set: GlobSet,
}

impl PartialEq for Patterns {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Patterns {
    /// Patterns relative to the settings' folder; with `anywhere`, also relative to any folder
    /// below.
    fn new(written: Vec<String>, anywhere: bool) -> Result<Self, globset::Error> {
        let mut set = GlobSetBuilder::new();
        for pattern in &written {
            set.add(Glob::new(pattern)?);
            if anywhere {
                set.add(Glob::new(&format!("**/{pattern}"))?);
            }
        }
        Ok(Self { set: set.build()?, written })
    }

    pub fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// The folders that the patterns start in, without any pattern.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.written.iter().map(|pattern| {
            let plain = pattern.split(['*', '?', '[', '{']).next().unwrap_or_default();
            split(plain).0
        })
    }

    pub fn is_match(&self, file: &str) -> bool {
        self.set.is_match(file)
    }
}

impl Exception {
    /// Whether it applies to findings in this file.
    pub fn is_about(&self, file: &str) -> bool {
        self.files.is_empty() || self.files.is_match(file)
    }
}

/// The file as deserialized.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Raw {
    fail_on: Option<FailOn>,
    select: Vec<String>,
    ignore: Vec<String>,
    baseline: Option<Spanned<String>>,
    tests: Vec<Spanned<String>>,
    severity: BTreeMap<String, Severity>,
    exception: Vec<RawException>,
    exclude: Vec<RawExclude>,
    releases: RawReleases,
    plan: RawPlan,
    deployment: Vec<Spanned<RawDeployment>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawReleases {
    learned: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawPlan {
    budget: Option<Budget>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawException {
    check: Spanned<String>,
    #[serde(default)]
    files: Vec<String>,
    reason: String,
    #[serde(default)]
    until: Option<Spanned<Date>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawDeployment {
    config: Vec<Spanned<String>>,
    rules: Vec<Spanned<String>>,
    values: Vec<Spanned<String>>,
    refinery: Option<String>,
    arguments: Vec<String>,
    #[serde(flatten)]
    machine: Machine,
}

impl ProjectSettings {
    /// # Errors
    /// The text is not TOML, or a key or value is invalid. Returns all errors in the order of their
    /// places, and at least one.
    pub fn parse(text: &str) -> Result<Self, Vec<SettingsError>> {
        let errors = parse::find_errors(text);
        if !errors.is_empty() {
            return Err(errors);
        }
        let raw: Raw = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            vec![SettingsError::new(span, error.message(), "here", "")]
        })?;
        let settings = raw
            .settings()
            .map_err(|message| vec![SettingsError::new(0..0, message, "in this file", "")])?;
        let errors = settings.contradictions();
        if errors.is_empty() { Ok(settings) } else { Err(errors) }
    }

    /// Errors that only show when several keys are taken together.
    fn contradictions(&self) -> Vec<SettingsError> {
        let mut errors = Vec::new();
        for deployment in &self.deployments {
            if deployment.files().next().is_none() {
                let help = "list its files with `config`, `rules` or `values`";
                let message = "`[[deployment]]` has no files";
                errors.push(SettingsError::new(deployment.span.clone(), message, "empty", help));
            }
            for file in deployment.files() {
                let name = crate::vfs::path::join("", &file.path);
                if let Some(exclude) = self.excludes.iter().find(|e| e.files.is_match(&name)) {
                    let message =
                        format!("`{}` is both excluded and part of a deployment", file.path);
                    let help = format!("narrow `files` of the `[[exclude]]` ({})", exclude.reason);
                    let span = file.span.clone();
                    errors.push(SettingsError::new(span, message, "excluded", help));
                }
            }
        }
        errors
    }
}

impl Raw {
    fn settings(self) -> Result<ProjectSettings, String> {
        let patterns = |files, anywhere| Patterns::new(files, anywhere).map_err(|e| e.to_string());
        let exception = |raw: RawException| {
            Ok::<_, String>(Exception {
                span: raw.check.span(),
                check: raw.check.into_inner(),
                files: patterns(raw.files, true)?,
                reason: raw.reason,
                until: raw.until.map(spanned),
            })
        };
        let exclude = |raw: RawExclude| raw.exclude().map_err(|error| error.to_string());
        Ok(ProjectSettings {
            fail_on: self.fail_on.unwrap_or_default(),
            selection: Selection::new(&self.select, &self.ignore).map_err(|e| e.to_string())?,
            severity: self.severity,
            baseline: self.baseline.map(SpannedPath::of),
            tests: self.tests.into_iter().map(SpannedPath::of).collect(),
            exceptions: self.exception.into_iter().map(exception).collect::<Result<_, _>>()?,
            excludes: self.exclude.into_iter().map(exclude).collect::<Result<_, _>>()?,
            learned: patterns(self.releases.learned, false)?,
            budget: self.plan.budget,
            deployments: self.deployment.into_iter().map(DeploymentSettings::of).collect(),
        })
    }
}

impl SpannedPath {
    fn of(raw: Spanned<String>) -> Self {
        Self { span: raw.span(), path: raw.into_inner() }
    }
}

impl DeploymentSettings {
    fn of(raw: Spanned<RawDeployment>) -> Self {
        let span = raw.span();
        let raw = raw.into_inner();
        let paths = |paths: Vec<Spanned<String>>| paths.into_iter().map(SpannedPath::of).collect();
        Self {
            config: paths(raw.config),
            rules: paths(raw.rules),
            values: paths(raw.values),
            release: raw.refinery.as_deref().map(Named::of_tag),
            arguments: raw.arguments,
            machine: raw.machine,
            span,
        }
    }
}

fn spanned(until: Spanned<Date>) -> (Date, Range<usize>) {
    let span = until.span();
    (until.into_inner(), span)
}

#[cfg(test)]
mod tests;
