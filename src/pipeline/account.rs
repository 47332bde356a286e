//! Accounts for every file of a run.

use crate::deploy::Deployment;
use crate::diagnostic::Finding;
use crate::discover::Sources;
use crate::discover::ledger::{Excluded, Outcome};
use crate::verdict::{DeploymentReport, FileOutcome, FileRecord};
use std::collections::BTreeMap;

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
    for id in files.ids() {
        let name = files.get(id).name.file();
        let holds = |(_, deployment): &(usize, &Deployment)| {
            deployment.files().any(|file| files.outermost(file) == id)
                || deployment.findings.iter().filter_map(Finding::primary).any(|s| s.file == id)
        };
        let of: Vec<usize> =
            sources.deployments.iter().enumerate().filter(holds).map(|(place, _)| place).collect();
        let all = of.iter().map(|&place| first_generation(sources.deployments.get(place)?));
        let first = all.collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().next());
        if let Some(why) = first {
            outcomes.insert(name.to_owned(), FileOutcome::NotRefinery(why));
        } else if !of.is_empty() {
            outcomes.insert(name.to_owned(), FileOutcome::Checked(of));
        } else if deployments.iter().any(|d| d.verdicts.is_empty() && d.is_of(name)) {
            outcomes.insert(name.to_owned(), FileOutcome::CannotCheck);
        } else {
            // Files that refer to deployments count as checked.
            outcomes.entry(name.to_owned()).or_insert(FileOutcome::Checked(of));
        }
    }
    outcomes.into_iter().map(|(name, outcome)| FileRecord { name, outcome }).collect()
}

/// Why the files of a deployment for Refinery 1.x are not checked.
fn first_generation(deployment: &Deployment) -> Option<String> {
    let pin = deployment.launch.release.as_ref()?;
    pin.named.release().is_none().then(|| format!("for Refinery 1.x, pinned by {}", pin.place))
}
