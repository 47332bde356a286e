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
    #[error("it is no baseline: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("it is of version {0}, and this program knows version {VERSION}")]
    Version(u32),
}

impl Baseline {
    /// # Errors
    /// The text is no baseline of a known version.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let baseline: Self = serde_json::from_str(text)?;
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

    /// Sets aside the findings of a check in a file where there are no more than agreed; where there
    /// are more, nobody can tell which are new, and all stand.
    pub(super) fn set_aside(&self, deployment: &mut DeploymentReport, files: &Files) {
        if self.counts.is_empty() {
            return;
        }
        let present = count(&deployment.findings, files);
        let agreed = |(file, check): &(String, String)| {
            self.counts.get(file).and_then(|checks| checks.get(check)).copied().unwrap_or(0)
        };
        let mut kept = Vec::new();
        for reported in std::mem::take(&mut deployment.findings) {
            let key = key(&reported, files).filter(|key| present[key] <= agreed(key));
            match key {
                Some(_) => {
                    let reason = "in the baseline".to_owned();
                    deployment.suppressed.push(Suppressed { reported, reason });
                }
                None => kept.push(reported),
            }
        }
        deployment.findings = kept;
    }
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
