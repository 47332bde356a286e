//! How many findings of each check a file may have: for repositories that adopt late.
//!
//! Counts outlive edits elsewhere in a file, as places would not. Verdicts are never counted.

use super::is_verdict;
use crate::span::Files;
use crate::verdict::{DeploymentReport, Report, Reported, Suppressed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const VERSION: u32 = 1;

/// File → check → number of findings.
type Counts = BTreeMap<String, BTreeMap<String, usize>>;

/// A baseline, as its file says it in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    counts: Counts,
}

/// A baseline that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// Where; what stands there is not repeated.
    #[error("not a baseline: line {line}, column {column}")]
    Unreadable { line: usize, column: usize },
    #[error("this baseline has version {0}; this program reads version {VERSION}")]
    Version(u32),
}

impl Baseline {
    /// # Errors
    /// The text is no baseline of a known version. An empty one counts nothing.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        if text.trim().is_empty() {
            return Ok(Self { version: VERSION, counts: Counts::new() });
        }
        let baseline: Self = serde_json::from_str(text).map_err(|error| {
            BaselineError::Unreadable { line: error.line(), column: error.column() }
        })?;
        if baseline.version != VERSION {
            return Err(BaselineError::Version(baseline.version));
        }
        Ok(baseline)
    }

    /// What a report has.
    pub fn of(report: &Report, files: &Files) -> Self {
        let mut counts = Counts::new();
        for deployment in &report.deployments {
            for (key, number) in count(&deployment.findings, files) {
                let (file, check) = key;
                // A file of several deployments has its findings once.
                let held = counts.entry(file).or_default().entry(check).or_insert(0);
                *held = (*held).max(number);
            }
        }
        Self { version: VERSION, counts }
    }

    /// Its file's text.
    pub fn write(&self) -> String {
        // Maps with text for keys can always be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// How many findings it has.
    pub fn count(&self) -> usize {
        self.counts.values().flat_map(BTreeMap::values).sum()
    }

    fn of_check(&self, (file, check): &(String, String)) -> usize {
        self.counts.get(file).and_then(|checks| checks.get(check)).copied().unwrap_or(0)
    }
}

/// Suppresses the findings of a check in a file where there are no more than every baseline has;
/// where there are more, nobody can tell which are new, and all stand.
pub fn suppress(baselines: &[Baseline], deployment: &mut DeploymentReport, files: &Files) {
    if baselines.is_empty() {
        return;
    }
    let present = count(&deployment.findings, files);
    let known = |key: &(String, String)| {
        baselines.iter().map(|baseline| baseline.of_check(key)).min().unwrap_or(0)
    };
    let mut kept = Vec::new();
    for reported in std::mem::take(&mut deployment.findings) {
        match key(&reported, files).filter(|key| present[key] <= known(key)) {
            Some(_) => {
                let reason = "in the baseline".to_owned();
                deployment.suppressed.push(Suppressed { reported, reason });
            }
            None => kept.push(reported),
        }
    }
    deployment.findings = kept;
}

/// The file and the check of a finding that may be agreed to.
fn key(reported: &Reported, files: &Files) -> Option<(String, String)> {
    let file = reported.finding.primary()?.file;
    let may_be = !is_verdict(reported);
    may_be.then(|| (files.get(file).name.clone(), reported.finding.check.id.to_owned()))
}

fn count(findings: &[Reported], files: &Files) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for key in findings.iter().filter_map(|reported| key(reported, files)) {
        *counts.entry(key).or_insert(0) += 1;
    }
    counts
}
