//! Baselines: the findings that a repository had when it adopted this program.
//!
//! A finding is identified by its check, the path of keys that leads to it, and a hash of its line,
//! so that new findings can be distinguished from old ones. Verdicts are never in a baseline.

use super::is_verdict;
use super::key_path::{fingerprint_of, key_path_of};
use crate::span::Files;
use crate::verdict::{DeploymentReport, Report, Reported, Suppressed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const VERSION: u32 = 2;

/// One finding of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Empty if the finding is not about a file.
    file: String,
    check: String,
    /// The keys and list items that contain it; see [`key_path_of`].
    place: String,
    /// A hash of its line; see [`fingerprint_of`].
    line: String,
}

/// The content of a baseline file (JSON).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    findings: Vec<Entry>,
}

/// The part that baselines of all versions have in common.
#[derive(Deserialize)]
struct AnyVersion {
    version: u32,
}

/// Why a baseline cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// The content is not repeated: it may hold secrets.
    #[error("invalid baseline (line {line}, column {column})")]
    Unreadable { line: usize, column: usize },
    #[error("unsupported baseline version {0}, expected {VERSION}")]
    Version(u32),
}

impl Baseline {
    /// # Errors
    /// The text is not a baseline of a known version. An empty text is an empty baseline.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        if text.trim().is_empty() {
            return Ok(Self { version: VERSION, findings: Vec::new() });
        }
        if let Ok(AnyVersion { version }) = serde_json::from_str(text)
            && version != VERSION
        {
            return Err(BaselineError::Version(version));
        }
        serde_json::from_str(text).map_err(|error| BaselineError::Unreadable {
            line: error.line(),
            column: error.column(),
        })
    }

    /// A baseline of all findings of a report except verdicts.
    pub fn of(report: &Report, files: &Files) -> Self {
        let mut most: BTreeMap<Entry, usize> = BTreeMap::new();
        for deployment in &report.deployments {
            // A file that several deployments share has its findings once.
            for (known, number) in count(deployment, files) {
                let known = most.entry(known).or_insert(0);
                *known = (*known).max(number);
            }
        }
        let repeat = |(known, number)| std::iter::repeat_n(known, number);
        Self { version: VERSION, findings: most.into_iter().flat_map(repeat).collect() }
    }

    /// The text of the baseline file.
    pub fn write(&self) -> String {
        // Serializing strings and integers cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The number of findings.
    pub fn count(&self) -> usize {
        self.findings.len()
    }

    fn counts(&self) -> BTreeMap<&Entry, usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.findings {
            *counts.entry(entry).or_insert(0) += 1;
        }
        counts
    }
}

/// Suppresses the findings that every baseline contains. Of several identical findings, as many are
/// suppressed as the baselines contain.
pub fn suppress(baselines: &[Baseline], deployment: &mut DeploymentReport, files: &Files) {
    if baselines.is_empty() {
        return;
    }
    let mut left: Vec<_> = baselines.iter().map(Baseline::counts).collect();
    let mut is_known = |known: &Entry| {
        let is_left = left.iter().all(|counts| counts.get(known).is_some_and(|left| *left > 0));
        if is_left {
            left.iter_mut().filter_map(|counts| counts.get_mut(known)).for_each(|left| *left -= 1);
        }
        is_left
    };
    let mut kept = Vec::new();
    for reported in std::mem::take(&mut deployment.findings) {
        if entry_of(&reported, files).is_some_and(|entry| is_known(&entry)) {
            let reason = "in the baseline".to_owned();
            deployment.suppressed.push(Suppressed { reported, reason });
        } else {
            kept.push(reported);
        }
    }
    deployment.findings = kept;
}

/// The baseline entry of a finding; `None` for a verdict.
fn entry_of(reported: &Reported, files: &Files) -> Option<Entry> {
    if is_verdict(reported) {
        return None;
    }
    let check = reported.finding.check.id.to_owned();
    let Some(span) = reported.finding.primary() else {
        let (file, place, line) = Default::default();
        return Some(Entry { file, check, place, line });
    };
    // Secrets are masked before hashing: a short one could be guessed from its hash.
    let file = files.get(span.file);
    let at = span.range().start;
    let (place, line) = (key_path_of(&file.shown, at), fingerprint_of(&file.shown, at));
    Some(Entry { file: file.name.to_string(), check, place, line })
}

fn count(deployment: &DeploymentReport, files: &Files) -> BTreeMap<Entry, usize> {
    let mut counts = BTreeMap::new();
    for entry in deployment.findings.iter().filter_map(|reported| entry_of(reported, files)) {
        *counts.entry(entry).or_insert(0) += 1;
    }
    counts
}
