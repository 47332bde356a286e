//! Selects which of the described deployments to check, each once.
//!
//! Must not open files.

use crate::deploy::Deployment;
use crate::deploy::launch::LaunchSpec;
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::source_name::SourceName;
use crate::span::{FileId, Files, Span};
use std::collections::{HashMap, HashSet};

/// A deployment, and the files that describe it.
pub struct DescribedDeployment {
    pub names: Vec<SourceName>,
    pub deployment: Deployment,
}

/// Removes incomplete bases and merges equal deployments. The result is sorted by name.
///
/// A base is a deployment of its own only if it has config, rules and a release, and nothing in its
/// description keeps it from starting, which what is based on it may change. Files without any
/// other information are dropped if another described deployment has the same ones and says more, and
/// a single file if it is checked as part of another one, or `paired` by a search.
pub fn deduplicate(
    mut described: Vec<(SourceName, Deployment)>,
    bases: &HashSet<String>,
    paired: &HashSet<&str>,
    files: &Files,
) -> Vec<DescribedDeployment> {
    described.sort_by(|(one, _), (other, _)| one.cmp(other));
    let wholes = described.iter().filter(|(_, deployment)| is_whole(deployment));
    let in_wholes: HashSet<&str> =
        wholes.flat_map(|(_, whole)| names(whole, files)).flatten().collect();
    let is_elsewhere = |half: &str| paired.contains(half) || in_wholes.contains(half);
    let is_bare = |deployment: &Deployment| {
        deployment.launch == LaunchSpec::default() && deployment.findings.is_empty()
    };
    let others = described.iter().map(|(_, deployment)| deployment);
    let others = others.filter(|deployment| is_whole(deployment) && !is_bare(deployment));
    let launched: HashSet<[Vec<&str>; 2]> =
        others.map(|deployment| names(deployment, files)).collect();
    let is_redundant = |deployment: &Deployment| {
        let own = names(deployment, files);
        is_bare(deployment)
            && if is_whole(deployment) {
                launched.contains(&own)
            } else {
                own.concat().into_iter().all(is_elsewhere)
            }
    };
    let redundant: Vec<bool> =
        described.iter().map(|(_, deployment)| is_redundant(deployment)).collect();
    let mut settled: Vec<DescribedDeployment> = Vec::new();
    // Those that can be equal.
    let mut alike: HashMap<Outline, Vec<usize>> = HashMap::new();
    for ((name, deployment), is_redundant) in described.into_iter().zip(redundant) {
        if is_redundant || bases.contains(name.file()) && !is_complete(&deployment) {
            continue;
        }
        let alike = alike.entry(outline(&deployment)).or_default();
        let is_known = |at: &usize| {
            settled.get(*at).is_some_and(|known| is_same(&known.deployment, &deployment))
        };
        let known = alike.iter().copied().find(is_known);
        if let Some(known) = known.and_then(|at| settled.get_mut(at)) {
            known.names.push(name);
            known.deployment.reported.extend(deployment.reported);
        } else {
            alike.push(settled.len());
            settled.push(DescribedDeployment { names: vec![name], deployment });
        }
    }
    settled
}

/// The names of all files of these deployments.
pub fn files_in<'f>(settled: &[DescribedDeployment], files: &'f Files) -> HashSet<&'f str> {
    settled.iter().flat_map(|whole| names(&whole.deployment, files)).flatten().collect()
}

fn is_complete(deployment: &Deployment) -> bool {
    let is_startable = !deployment.findings.iter().any(Finding::stops_start);
    deployment.launch.release.is_some() && is_whole(deployment) && is_startable
}

fn is_whole(deployment: &Deployment) -> bool {
    !deployment.config.is_empty() && !deployment.rules.is_empty()
}

/// The files of a deployment, and the messages and places of its findings.
type Outline = (Vec<FileId>, Vec<(String, Option<Span>)>);

/// Different deployments mostly differ in this, which is cheaper to compare.
fn outline(deployment: &Deployment) -> Outline {
    let findings = deployment.findings.iter();
    let findings = findings.map(|finding| (finding.message.clone(), finding.primary()));
    (deployment.files().collect(), findings.collect())
}

/// Whether two deployments have the same files, launch and findings.
fn is_same(one: &Deployment, other: &Deployment) -> bool {
    // Several images may pin the same release.
    let unplaced = |launch: &LaunchSpec| LaunchSpec { release: None, ..launch.clone() };
    let release = |launch: &LaunchSpec| launch.release.as_ref().map(|pin| pin.named.clone());
    unplaced(&one.launch) == unplaced(&other.launch)
        && release(&one.launch) == release(&other.launch)
        && (&one.config, &one.rules) == (&other.config, &other.rules)
        && one.findings == other.findings
}

fn names<'f>(deployment: &Deployment, files: &'f Files) -> [Vec<&'f str>; 2] {
    [&deployment.config, &deployment.rules].map(|half| {
        half.iter().map(|source| files.get(source.file).name.without_variant()).collect()
    })
}

impl DescribedDeployment {
    /// A notice that lists the files and where they are described.
    pub fn describe(&self, files: &Files) -> Notice {
        let about = self.deployment.names(files);
        let names: Vec<&str> = about.iter().map(SourceName::as_str).collect();
        let names = if names.is_empty() { "no file".to_owned() } else { names.join(" + ") };
        let by = match &self.names[..] {
            [one] => one.to_string(),
            [one, other] => format!("{one} and {other}"),
            [one, rest @ ..] => format!("{one} and {} others", rest.len()),
            [] => String::new(),
        };
        Notice { text: format!("{names}: as described in {by}"), about }
    }
}
