//! Accounts for every file of a run.

use crate::deploy::Deployment;
use crate::diagnostic::Finding;
use crate::discover::Sources;
use crate::discover::ledger::{Excluded, Outcome};
use crate::span::FileId;
use crate::verdict::{DeploymentReport, FileOutcome, FileRecord};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The outcome of every file, sorted by name.
pub(super) fn account(sources: &Sources, deployments: &[DeploymentReport]) -> Vec<FileRecord> {
    let mut outcomes = BTreeMap::new();
    for (name, outcome) in sources.ledger.iter() {
        let outcome = match outcome {
            Outcome::NotRefinery(why) => FileOutcome::NotRefinery(why.clone()),
            Outcome::Excluded(Excluded { by, reason }) => {
                FileOutcome::Excluded { by: by.clone(), reason: reason.clone() }
            }
        };
        outcomes.insert(name.to_owned(), outcome);
    }
    let files = &sources.files;
    let mut holders = deployments_by_file(sources);
    let unchecked: HashSet<&str> =
        deployments.iter().filter(|d| d.verdicts.is_empty()).flat_map(files_of).collect();
    for id in files.ids() {
        let name = files.get(id).name.file();
        let of = holders.remove(&id).unwrap_or_default();
        let all = of.iter().map(|&place| first_generation(sources.deployments.get(place)?));
        let first = all.collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().next());
        if let Some(why) = first {
            outcomes.insert(name.to_owned(), FileOutcome::NotRefinery(why));
        } else if !of.is_empty() {
            outcomes.insert(name.to_owned(), FileOutcome::Checked(of));
        } else if unchecked.contains(name) {
            outcomes.insert(name.to_owned(), FileOutcome::CannotCheck);
        } else {
            // Files that refer to deployments count as checked.
            outcomes.entry(name.to_owned()).or_insert(FileOutcome::Checked(of));
        }
    }
    outcomes.into_iter().map(|(name, outcome)| FileRecord { name, outcome }).collect()
}

/// The places of the deployments that each file belongs to or has a finding about, in order.
fn deployments_by_file(sources: &Sources) -> HashMap<FileId, Vec<usize>> {
    let mut holders: HashMap<FileId, Vec<usize>> = HashMap::new();
    for (place, deployment) in sources.deployments.iter().enumerate() {
        let own = deployment.files().map(|file| sources.files.outermost(file));
        let described = deployment.findings.iter().filter_map(Finding::primary).map(|s| s.file);
        let tests = deployment.tests.iter().map(|test| test.file);
        for file in own.chain(described).chain(tests) {
            let of = holders.entry(file).or_default();
            if of.last() != Some(&place) {
                of.push(place);
            }
        }
    }
    holders
}

/// The files of a report, and the texts inside files.
fn files_of(report: &DeploymentReport) -> impl Iterator<Item = &str> {
    report.config.iter().chain(&report.rules).flat_map(|name| [name.file(), name.as_str()])
}

/// Why the files of a deployment for Refinery 1.x are not checked.
fn first_generation(deployment: &Deployment) -> Option<String> {
    let pin = deployment.launch.release.as_ref()?;
    pin.named.release().is_none().then(|| format!("for Refinery 1.x, pinned by {}", pin.place))
}
