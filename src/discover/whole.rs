//! Deployments that files describe as a whole: which of them count, each told once.
//!
//! Must not open anything.

use crate::deploy::Deployment;
use crate::deploy::launch::LaunchSpec;
use crate::span::Files;
use std::collections::HashSet;

/// A deployment, and the files that say so.
pub struct Whole {
    pub names: Vec<String>,
    pub deployment: Deployment,
}

/// Leaves out what only others build on, and puts together what is the same. Sorted by name.
///
/// What others build on is a deployment of its own where it says all there is to know: both halves
/// and a release. Otherwise it is not complete before they add to it. One half of which nothing is
/// known but its text does not count where it is judged together with another, be that described or
/// `paired` by a search.
pub fn settle(
    mut described: Vec<(String, Deployment)>,
    beneath: &HashSet<String>,
    paired: &HashSet<&str>,
    files: &Files,
) -> Vec<Whole> {
    described.sort_by(|(one, _), (other, _)| one.cmp(other));
    let is_elsewhere = |half: &str| {
        let mut wholes = described.iter().filter(|(_, deployment)| is_whole(deployment));
        paired.contains(half)
            || wholes.any(|(_, whole)| names(whole, files).concat().contains(&half))
    };
    let is_idle = |deployment: &Deployment| {
        !is_whole(deployment)
            && deployment.given == LaunchSpec::default()
            && deployment.findings.is_empty()
            && names(deployment, files).concat().into_iter().all(is_elsewhere)
    };
    let idle: Vec<bool> = described.iter().map(|(_, deployment)| is_idle(deployment)).collect();
    let mut settled: Vec<Whole> = Vec::new();
    for ((name, deployment), is_idle) in described.into_iter().zip(idle) {
        let file = name.split('#').next().unwrap_or_default();
        if is_idle || beneath.contains(file) && !is_complete(&deployment) {
            continue;
        }
        match settled.iter_mut().find(|known| is_same(&known.deployment, &deployment)) {
            Some(known) => {
                known.names.push(name);
                known.deployment.told.extend(deployment.told);
            }
            None => settled.push(Whole { names: vec![name], deployment }),
        }
    }
    settled
}

/// The names of all files, open or not, in these deployments.
pub fn files_in<'f>(settled: &[Whole], files: &'f Files) -> HashSet<&'f str> {
    settled.iter().flat_map(|whole| names(&whole.deployment, files)).flatten().collect()
}

fn is_complete(deployment: &Deployment) -> bool {
    deployment.given.release.is_some() && is_whole(deployment)
}

fn is_whole(deployment: &Deployment) -> bool {
    !deployment.config.is_empty() && !deployment.rules.is_empty()
}

/// The same places, run in the same way.
fn is_same(one: &Deployment, other: &Deployment) -> bool {
    // Several images may name the same release.
    let unplaced = |given: &LaunchSpec| LaunchSpec { release: None, ..given.clone() };
    let release = |given: &LaunchSpec| given.release.as_ref().map(|pin| pin.named.clone());
    unplaced(&one.given) == unplaced(&other.given)
        && release(&one.given) == release(&other.given)
        && (&one.config, &one.rules) == (&other.config, &other.rules)
        && one.findings == other.findings
}

fn names<'f>(deployment: &Deployment, files: &'f Files) -> [Vec<&'f str>; 2] {
    [&deployment.config, &deployment.rules]
        .map(|half| half.iter().map(|source| files.get(source.file).name.as_str()).collect())
}

impl Whole {
    /// One line that says what is described, and where.
    pub fn tell(&self, files: &Files) -> String {
        let parts = names(&self.deployment, files).concat();
        let parts = if parts.is_empty() { "no file".to_owned() } else { parts.join(" + ") };
        let by = match &self.names[..] {
            [one] => format!("{one} says"),
            [one, other] => format!("{one} and {other} say"),
            [one, rest @ ..] => format!("{one} and {} others say", rest.len()),
            [] => String::new(),
        };
        format!("{parts}: as {by}")
    }
}
