//! Findings that a repository had when it adopted this program.
//!
//! A finding is known again by its check, its place among the keys of its file and what its line
//! says, so that a new one is told from an old one. Verdicts are never in a baseline.

use super::is_verdict;
use super::place::{place_of, print_of};
use crate::span::Files;
use crate::verdict::{DeploymentReport, Report, Reported, Suppressed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const VERSION: u32 = 2;

/// A finding as a baseline knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// Empty where the finding is about no file.
    file: String,
    check: String,
    /// The keys and items that it is in.
    place: String,
    /// What its line says, hashed.
    line: String,
}

/// A baseline, as its file says it in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    findings: Vec<Known>,
}

/// The version alone, of a baseline of any version.
#[derive(Deserialize)]
struct AnyVersion {
    version: u32,
}

/// A baseline that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// Where; what stands there is not repeated.
    #[error("not a baseline: line {line}, column {column}")]
    Unreadable { line: usize, column: usize },
    #[error("baseline of version {0}; this program reads version {VERSION}")]
    Version(u32),
}

impl Baseline {
    /// # Errors
    /// The text is no baseline of a known version. An empty one knows nothing.
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

    /// What a report has.
    pub fn of(report: &Report, files: &Files) -> Self {
        let mut most: BTreeMap<Known, usize> = BTreeMap::new();
        for deployment in &report.deployments {
            // A file of several deployments has its findings once.
            for (known, number) in count(deployment, files) {
                let held = most.entry(known).or_insert(0);
                *held = (*held).max(number);
            }
        }
        let repeat = |(known, number)| std::iter::repeat_n(known, number);
        Self { version: VERSION, findings: most.into_iter().flat_map(repeat).collect() }
    }

    /// Its file's text.
    pub fn write(&self) -> String {
        // Texts can always be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// How many findings it has.
    pub fn count(&self) -> usize {
        self.findings.len()
    }

    fn counts(&self) -> BTreeMap<&Known, usize> {
        let mut counts = BTreeMap::new();
        for known in &self.findings {
            *counts.entry(known).or_insert(0) += 1;
        }
        counts
    }
}

/// Suppresses the findings that every baseline knows. Of findings that nothing tells apart as many
/// as the baselines have.
pub fn suppress(baselines: &[Baseline], deployment: &mut DeploymentReport, files: &Files) {
    if baselines.is_empty() {
        return;
    }
    let mut left: Vec<_> = baselines.iter().map(Baseline::counts).collect();
    let mut is_known = |known: &Known| {
        let is_left = left.iter().all(|counts| counts.get(known).is_some_and(|left| *left > 0));
        if is_left {
            left.iter_mut().filter_map(|counts| counts.get_mut(known)).for_each(|left| *left -= 1);
        }
        is_left
    };
    let mut kept = Vec::new();
    for reported in std::mem::take(&mut deployment.findings) {
        if know(&reported, files).is_some_and(|known| is_known(&known)) {
            let reason = "in the baseline".to_owned();
            deployment.suppressed.push(Suppressed { reported, reason });
        } else {
            kept.push(reported);
        }
    }
    deployment.findings = kept;
}

/// A finding as a baseline knows it; none for a verdict.
fn know(reported: &Reported, files: &Files) -> Option<Known> {
    if is_verdict(reported) {
        return None;
    }
    let check = reported.finding.check.id.to_owned();
    let Some(span) = reported.finding.primary() else {
        let (file, place, line) = Default::default();
        return Some(Known { file, check, place, line });
    };
    // No secret is hashed: a short one could be guessed from it.
    let file = files.get(span.file);
    let at = span.range().start;
    let (place, line) = (place_of(&file.shown, at), print_of(&file.shown, at));
    Some(Known { file: file.name.clone(), check, place, line })
}

fn count(deployment: &DeploymentReport, files: &Files) -> BTreeMap<Known, usize> {
    let mut counts = BTreeMap::new();
    for known in deployment.findings.iter().filter_map(|reported| know(reported, files)) {
        *counts.entry(known).or_insert(0) += 1;
    }
    counts
}
