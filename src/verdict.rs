//! The answers of the gate: for one deployment and one release, does it start, reload, survive?
//!
//! Holds the words only; who decides them sits in `rehearse`.

use crate::diagnostic::Finding;
use std::collections::BTreeMap;

/// Does a new process reach *ready*?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreshStart {
    Yes,
    No,
    Depends,
}

impl FreshStart {
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Depends => "depends",
        }
    }
}

/// What one release says to one deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// `v3.2.2`.
    pub release: String,
    pub fresh_start: FreshStart,
    /// Targets, in the order in which the rules name them.
    pub targets: Vec<String>,
    /// Environment variables that decide, sorted: name → what the value must look like.
    pub depends_on: BTreeMap<String, String>,
}

/// A finding with the releases in which it holds, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    pub finding: Finding,
    pub releases: Vec<String>,
}

/// Everything said about one deployment.
#[derive(Clone, Debug, Default)]
pub struct DeploymentReport {
    /// Names of the files, in the order in which the engine reads them.
    pub config: Vec<String>,
    pub rules: Vec<String>,
    pub verdicts: Vec<Verdict>,
    pub findings: Vec<Reported>,
}

/// Everything said in one run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub deployments: Vec<DeploymentReport>,
    /// One line each: what was paired with what, what was left out.
    pub notices: Vec<String>,
    /// Findings at or above the fail level were made.
    pub blocked: bool,
}
