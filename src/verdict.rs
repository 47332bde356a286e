//! The verdicts: does one deployment, with one release, start, reload and handle its first trace?
//!
//! Only defines the types; `rehearse` decides.

use crate::diagnostic::{Finding, Severity};
use crate::machine::Restarts;
use crate::release::Basis;
use crate::source_name::SourceName;
use std::collections::BTreeMap;
use std::fmt;

/// Does a new process become ready?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartUp {
    Ready,
    /// It does not accept the files, and exits.
    Refused,
    /// It accepts the files and then exits, or serves no traffic.
    NeverReady,
    /// Variables or the machine decide.
    Depends,
}

/// Does a running process accept the files, keep the old ones, or crash?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveReload {
    Accepted,
    Rejected,
    /// It panics on them.
    Crashes,
    Depends,
}

/// Does the process survive the traces of a target?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstTrace {
    Handled,
    Crashes,
    /// It handles some traces and crashes on others.
    CrashesOnSome,
}

impl StartUp {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Refused => "refused",
            Self::NeverReady => "never-ready",
            Self::Depends => "depends",
        }
    }
}

impl LiveReload {
    /// The running process rejects the files.
    pub fn fails(self) -> bool {
        matches!(self, Self::Rejected | Self::Crashes)
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Crashes => "crashes",
            Self::Depends => "depends",
        }
    }
}

impl FirstTrace {
    pub fn word(self) -> &'static str {
        match self {
            Self::Handled => "handled",
            Self::Crashes => "crashes",
            Self::CrashesOnSome => "crashes-on-some",
        }
    }
}

/// What one release does with one deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// `v3.2.2`.
    pub release: String,
    pub start_up: StartUp,
    pub live_reload: LiveReload,
    /// By target, in the order in which the rules name them; empty where no trace is reached.
    pub first_trace: Vec<(String, FirstTrace)>,
    /// Environment variables that decide, sorted: name → what the value must be.
    pub variables: BTreeMap<String, String>,
    /// What the machine must be like for the process to become ready, in the order of the stages:
    /// such as `Redis at ... answering`.
    pub machine: Vec<String>,
}

impl Verdict {
    /// A new process does not become ready.
    pub fn fails_to_start(&self) -> bool {
        matches!(self.start_up, StartUp::Refused | StartUp::NeverReady)
    }

    /// One of the three answers is no.
    pub fn is_bad(&self) -> bool {
        self.fails_to_start()
            || self.live_reload.fails()
            || self.first_trace.iter().any(|(_, answer)| *answer != FirstTrace::Handled)
    }
}

/// A finding with the releases in which it holds, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    pub finding: Finding,
    /// The check's own, unless something else was agreed.
    pub severity: Severity,
    pub releases: Vec<String>,
    /// Whether it is new, if an earlier state of the files was checked too.
    pub new: Option<bool>,
    /// It fails the run.
    pub blocks: bool,
    /// Why the release that runs may not agree, where it is not the one that was checked.
    pub doubt: Option<String>,
}

/// A finding that was agreed to, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    pub reported: Reported,
    pub reason: String,
}

/// Everything reported about one deployment.
#[derive(Clone, Debug, Default)]
pub struct DeploymentReport {
    /// Names of the files, in the order in which Refinery reads them.
    pub config: Vec<SourceName>,
    pub rules: Vec<SourceName>,
    pub verdicts: Vec<Verdict>,
    pub findings: Vec<Reported>,
    /// Findings that do not count.
    pub suppressed: Vec<Suppressed>,
    /// Whether the running configuration is known, so that findings include changes.
    pub is_compared: bool,
    /// Which files' changes restart the nodes.
    pub restarts: Restarts,
    /// Why it was checked as these releases.
    pub basis: Basis,
}

impl Reported {
    pub fn new(finding: Finding, releases: Vec<String>) -> Self {
        let severity = finding.check.severity;
        Self {
            finding,
            severity,
            releases,
            new: None,
            blocks: severity == Severity::Error,
            doubt: None,
        }
    }
}

impl DeploymentReport {
    /// Whether it has this file, or a text inside it.
    pub fn is_of(&self, file: &str) -> bool {
        let names = || self.config.iter().chain(&self.rules);
        names().any(|name| name.file() == file || name.as_str() == file)
    }

    /// Whether it only has findings that do not belong to a deployment.
    pub fn is_of_no_files(&self) -> bool {
        self.config.is_empty() && self.rules.is_empty() && self.verdicts.is_empty()
    }

    /// All findings, those that do not count included.
    pub fn all(&self) -> impl Iterator<Item = &Reported> {
        self.findings.iter().chain(self.suppressed.iter().map(|s| &s.reported))
    }

    /// Adds a finding for a release. If several releases have it at one place, it is reported once,
    /// in the words of the first release.
    pub fn add(&mut self, release: &str, finding: Finding) {
        let alike = |known: &Reported| {
            known.finding.check == finding.check
                && known.finding.primary() == finding.primary()
                && known.finding.message == finding.message
        };
        match self.findings.iter_mut().find(|known| alike(known)) {
            Some(known) if known.releases.first().is_some_and(|first| first == release) => {}
            Some(known) => known.releases.insert(0, release.to_owned()),
            None => {
                let releases = vec![release.to_owned()];
                self.findings.push(Reported::new(finding, releases));
            }
        }
    }
}

/// Files were to be checked, and none of them was.
pub fn is_nothing_checked<'d>(deployments: impl IntoIterator<Item = &'d DeploymentReport>) -> bool {
    let mut unchecked = 0;
    for deployment in deployments {
        if !deployment.verdicts.is_empty() {
            return false;
        }
        unchecked += usize::from(!deployment.is_of_no_files());
    }
    unchecked > 0
}

/// One thing that was looked at or done on a live machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// `read`, `bind`, `resolve` or `dial`.
    pub act: &'static str,
    pub what: String,
    pub outcome: String,
}

impl Touch {
    pub fn new(act: &'static str, what: &str, outcome: impl Into<String>) -> Self {
        Self { act, what: what.to_owned(), outcome: outcome.into() }
    }
}

impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.act, self.what, self.outcome)
    }
}

/// A file that a run has seen, or a folder that it did not enter, whose name ends with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    pub name: String,
    pub outcome: FileOutcome,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOutcome {
    /// It was checked as part of these deployments, by their places in the report.
    Checked(Vec<usize>),
    /// It is Refinery's and cannot be checked, which an error at it says.
    CannotCheck,
    /// Why it is ignored.
    NotRefinery(String),
    /// Excluded by the settings: where, and why.
    Excluded { by: String, reason: String },
}

impl FileOutcome {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Checked(_) => "checked",
            Self::CannotCheck => "cannot-be-checked",
            Self::NotRefinery(_) => "not-refinery",
            Self::Excluded { .. } => "excluded",
        }
    }
}

/// Everything reported in one run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Deployments, followed by files that cannot be checked, which have no verdicts.
    pub deployments: Vec<DeploymentReport>,
    /// Every file that was seen, sorted by name.
    pub files: Vec<FileRecord>,
    /// One line each: what was paired with what, what was left out.
    pub notices: Vec<String>,
    /// In order; empty unless the machine was to be looked at.
    pub touched: Vec<Touch>,
    /// A finding fails the run.
    pub blocked: bool,
}
