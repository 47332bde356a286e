//! What has been built → the deployments in it: pods that run Refinery, with the files that they
//! find; and files of Refinery's that no pods here mount.

use super::build::Builder;
use super::halves::{find_missing, find_unknown_format, half, is_of};
use super::kustomization::Kustomization;
use super::mounts::Mounts;
use super::objects::{Built, Datum, Map, Pods};
use super::process::{locations, variables};
use crate::deploy::Opened;
use crate::deploy::command::lead;
use crate::deploy::deployment_spec::DeploymentSpec;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::location::{Location, read_location};
use crate::deploy::workload::{Workload, container_of, pod_of};
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use std::collections::HashSet;

/// Finds the deployments in what a kustomization makes.
///
/// # Errors
/// A file of theirs cannot be read.
pub fn describe(
    here: &Kustomization,
    built: &Built,
    builder: &mut Builder<'_, '_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let (used, findings, given) = (HashSet::new(), Vec::new(), Vec::new());
    let mut describer = Describer { here, builder, used, findings, given };
    for pods in &built.pods {
        opened.described.extend(describer.of_pods(pods, built)?);
    }
    opened.described.extend(describer.of_the_rest(built)?);
    Ok(())
}

/// A text and the path under which the process finds it.
type Found<'b> = (String, &'b Datum);

/// The configs and the rules of one process.
type Halves<'b> = [Vec<Found<'b>>; 2];

struct Describer<'k, 'b, 's> {
    here: &'k Kustomization,
    builder: &'k mut Builder<'b, 's>,
    /// The names of texts that belong to a deployment.
    used: HashSet<String>,
    findings: Vec<Finding>,
    /// How pods run Refinery of which not both files are known.
    given: Vec<LaunchSpec>,
}

impl Describer<'_, '_, '_> {
    /// None where no container runs Refinery, or nothing is known of its files.
    fn of_pods(
        &mut self,
        pods: &Pods,
        built: &Built,
    ) -> Result<Option<DeploymentSpec>, InputError> {
        let Some(pod) = pod_of(&pods.item) else { return Ok(None) };
        let Some(container) = container_of(pod) else { return Ok(None) };
        let given = self.given(pods, container, built);
        let mounts = Mounts::of(&pods.identity, pod, container, built);
        mounts.files().for_each(|(_, datum)| self.note_missing(datum));
        let found = Kind::ALL.map(|kind| self.find(kind, container, &given, &mounts));
        let name = format!("{}#{}", self.here.name, pods.identity.name());
        if found.iter().any(Vec::is_empty) {
            self.given.push(given.clone());
        }
        self.assemble(name, found, given)
    }

    fn given(&mut self, pods: &Pods, container: &Item, built: &Built) -> LaunchSpec {
        let Some(workload) = Workload::of(self.here.outer(), &pods.item) else {
            return LaunchSpec::default();
        };
        self.builder.notices.extend(workload.notices);
        let mut given = workload.given;
        if let (Some(named), Some(place)) = (&mut given.release, &pods.tagged) {
            place.clone_into(&mut named.place);
        }
        for (name, value) in variables(&pods.identity, container, built) {
            given.machine.variables.entry(name).or_insert(value);
        }
        given
    }

    /// The files that a process is told to read; where none of them is known, the one that is such a
    /// file by what is in it.
    fn find<'d>(
        &mut self,
        kind: Kind,
        container: &Item,
        given: &LaunchSpec,
        mounts: &Mounts<'d>,
    ) -> Vec<Found<'d>> {
        let (mut found, mut lost) = (Vec::new(), Vec::new());
        let folder = container.get("workingDir").and_then(Item::text);
        for location in locations(kind, container, given) {
            match location.as_deref().map(read_location) {
                Some(Ok(Location::Refused(finding))) => self.findings.push(finding),
                Some(Ok(Location::File(path, finding))) => {
                    let path = lead(folder, &path).unwrap_or(path);
                    if let Some(datum) = mounts.get(&path) {
                        self.findings.extend(finding);
                        found.push((path, datum));
                    } else {
                        lost.push((location, mounts.strange(&path).map(str::to_owned)));
                    }
                }
                Some(Err(_)) => lost.push((location, None)),
                None => {
                    lost.push((None, None));
                    let path = kind.locating().default;
                    found.extend(mounts.get(path).map(|datum| (path.to_owned(), datum)));
                }
            }
        }
        if found.is_empty() {
            let mut alike = mounts.files().filter(|(path, datum)| self.is_of(kind, path, datum));
            let only = alike.next().filter(|_| alike.next().is_none());
            found.extend(only.map(|(path, datum)| (path.to_owned(), datum)));
        }
        for (location, map) in lost {
            self.tell_lost(kind, location.as_deref(), map.as_deref(), &found);
        }
        found
    }

    fn is_of(&self, kind: Kind, path: &str, datum: &Datum) -> bool {
        is_of(kind, path, datum, self.builder)
    }

    fn tell_lost(
        &mut self,
        kind: Kind,
        location: Option<&str>,
        map: Option<&str>,
        found: &[Found<'_>],
    ) {
        let kind = kind.word();
        let what = match (location, map) {
            (None, _) => format!("where the {kind} lies is not known"),
            (Some(location), None) => {
                format!("the {kind} `{location}` is none of what is mounted")
            }
            (Some(location), Some(map)) => format!(
                "the {kind} `{location}` of `{map}`, which is made elsewhere, is none of what is mounted"
            ),
        };
        let instead = match found {
            [] => "not judged".to_owned(),
            found => {
                let paths = found.iter().map(|(path, _)| format!("`{path}`"));
                format!("judged with {}", paths.collect::<Vec<_>>().join(", "))
            }
        };
        self.builder.say(self.here, &format!("{what}; {instead}"));
    }

    /// Files that belong to no pods here: one config and one rules of all, else of one map, else
    /// each alone. Where pods lack a file, theirs is among these.
    fn of_the_rest(&mut self, built: &Built) -> Result<Vec<DeploymentSpec>, InputError> {
        let given = match &self.given[..] {
            [only] => only.clone(),
            _ => LaunchSpec::default(),
        };
        let maps = built.maps.iter();
        let rest: Vec<(&Map, Halves<'_>)> = maps.map(|map| (map, self.rest_of(map))).collect();
        let mut all: Halves<'_> = Default::default();
        for (map, halves) in &rest {
            if !is_empty(halves) {
                for datum in &map.data {
                    self.note_missing(datum);
                }
            }
            all.iter_mut().zip(halves).for_each(|(all, half)| all.extend(half.iter().cloned()));
        }
        if is_pair(&all) {
            return Ok(self.assemble(self.here.name.clone(), all, given)?.into_iter().collect());
        }
        let mut described = Vec::new();
        for (map, halves) in rest {
            let name = format!("{}#{}", self.here.name, map.identity.name());
            let each = if is_pair(&halves) { vec![halves] } else { singles(halves) };
            for halves in each {
                described.extend(self.assemble(name.clone(), halves, given.clone())?);
            }
        }
        Ok(described)
    }

    /// What of a map is Refinery's, and no pods mount.
    fn rest_of<'d>(&self, map: &'d Map) -> Halves<'d> {
        let is_free =
            |datum: &Datum| datum.content.name().is_none_or(|name| !self.used.contains(name));
        Kind::ALL.map(|kind| {
            let rest = map.data.iter().filter(|datum| is_free(datum));
            let named = rest.map(|datum| (datum.likely_path().to_owned(), datum));
            named.filter(|(path, datum)| self.is_of(kind, path, datum)).collect()
        })
    }

    fn note_missing(&mut self, datum: &Datum) {
        let is_new = |used: &mut HashSet<String>| {
            datum.content.name().is_some_and(|name| used.insert(name.to_owned()))
        };
        if let Some(finding) = find_missing(datum, self.builder)
            && is_new(&mut self.used)
        {
            self.findings.push(finding);
        }
    }

    /// None where neither half can be judged.
    fn assemble(
        &mut self,
        name: String,
        halves: Halves<'_>,
        given: LaunchSpec,
    ) -> Result<Option<DeploymentSpec>, InputError> {
        let mut loaded = [Vec::new(), Vec::new()];
        for ((into, kind), found) in loaded.iter_mut().zip(Kind::ALL).zip(halves) {
            for (path, datum) in found {
                self.used.extend(datum.content.name().map(str::to_owned));
                self.findings.extend(find_unknown_format(&path, datum));
                into.extend(half(kind, &path, datum, self.here, self.builder)?);
            }
        }
        let [config, rules] = loaded;
        let findings = std::mem::take(&mut self.findings);
        if config.is_empty() && rules.is_empty() {
            for finding in findings {
                self.builder.say(self.here, &finding.message);
            }
            return Ok(None);
        }
        Ok(Some(DeploymentSpec { name, config, rules, given, findings }))
    }
}

fn is_empty(halves: &Halves<'_>) -> bool {
    halves.iter().all(Vec::is_empty)
}

/// No more than one of each.
fn is_pair(halves: &Halves<'_>) -> bool {
    halves.iter().all(|half| half.len() < 2)
}

fn singles([config, rules]: Halves<'_>) -> Vec<Halves<'_>> {
    let config = config.into_iter().map(|one| [vec![one], Vec::new()]);
    config.chain(rules.into_iter().map(|one| [Vec::new(), vec![one]])).collect()
}
