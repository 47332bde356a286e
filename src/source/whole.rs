//! Deployments that files describe as a whole: which of them count, each told once.
//!
//! Must not open anything.

use super::Deployment;
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
/// and a release. Otherwise it is not complete before they add to it.
pub fn settle(
    mut described: Vec<(String, Deployment)>,
    beneath: &HashSet<String>,
    files: &Files,
) -> Vec<Whole> {
    described.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut settled: Vec<Whole> = Vec::new();
    for (name, deployment) in described {
        let file = name.split('#').next().unwrap_or_default();
        if beneath.contains(file) && !is_complete(&deployment) {
            continue;
        }
        match settled.iter_mut().find(|known| is_same(&known.deployment, &deployment, files)) {
            Some(known) => known.names.push(name),
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
    deployment.given.release.is_some()
        && !deployment.config.is_empty()
        && !deployment.rules.is_empty()
}

/// The same places, run in the same way.
fn is_same(one: &Deployment, other: &Deployment, files: &Files) -> bool {
    one.given == other.given
        && names(one, files) == names(other, files)
        && one.findings == other.findings
}

fn names<'f>(deployment: &Deployment, files: &'f Files) -> [Vec<&'f str>; 2] {
    [&deployment.config, &deployment.rules]
        .map(|half| half.iter().map(|source| files.get(source.file).name.as_str()).collect())
}

impl Whole {
    /// One line that says what is described, and where.
    pub fn tell(&self, files: &Files) -> String {
        let parts = names(&self.deployment, files).concat().join(" + ");
        let by = match &self.names[..] {
            [one] => format!("{one} says"),
            [one, other] => format!("{one} and {other} say"),
            [one, rest @ ..] => format!("{one} and {} others say", rest.len()),
            [] => String::new(),
        };
        let release = self.deployment.given.release.as_ref();
        let release =
            release.map(|named| format!(", Refinery {} by {}", named.release, named.place));
        format!("{parts}: as {by}{}", release.unwrap_or_default())
    }
}
