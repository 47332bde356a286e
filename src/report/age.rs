//! Which findings are new, compared with an earlier report.
//!
//! Findings are compared by fingerprint, which edits elsewhere in the file do not change.

use super::fingerprint::Fingerprints;
use super::place::Texts;
use super::view::{Deployment, View};
use crate::span::Files;
use crate::verdict::Report;
use std::collections::BTreeSet;

/// Marks every finding of a report as new or known.
pub fn mark_new(report: &mut Report, files: &Files, before: &Report, files_before: &Files) {
    let known: BTreeSet<String> =
        prints(before, files_before).into_iter().flatten().map(|(_, print)| print).collect();
    let prints = prints(report, files);
    for (deployment, prints) in report.deployments.iter_mut().zip(prints) {
        for (index, print) in prints {
            if let Some(reported) = deployment.findings.get_mut(index) {
                reported.new = Some(!known.contains(&print));
            }
        }
    }
}

/// The indices of each deployment's findings, with their fingerprints.
fn prints(report: &Report, files: &Files) -> Vec<Vec<(usize, String)>> {
    let texts = Texts::of(report, files);
    let view = View::new(report, &texts);
    view.deployments.iter().map(fingerprints_of).collect()
}

fn fingerprints_of(deployment: &Deployment<'_>) -> Vec<(usize, String)> {
    let mut fingerprints = Fingerprints::default();
    let all = &deployment.report.findings;
    let index =
        |finding| all.iter().position(|known| std::ptr::eq(&raw const known.finding, finding));
    let mut prints = Vec::new();
    for located in &deployment.findings {
        let print = fingerprints.next(located);
        prints.extend(index(located.finding).map(|index| (index, print)));
    }
    prints
}
