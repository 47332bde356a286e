//! Objects → the deployments in them: every container that runs Refinery, with the files that it
//! finds.
//!
//! Must not read the objects of files, nor decide what of the rest is Refinery's (`rest` does).

use super::objects::{Identity, Map, Objects, Pods};
use super::pods::workloads_of;
use super::template_of;
use super::view::View;
use super::volumes::maps_shown;
use crate::deploy::at;
use crate::deploy::deployment_spec::DeploymentSpec;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::list;
use crate::deploy::loader::Loader;
use crate::deploy::resolve::{Resolved, resolve};
use crate::diagnostic::Finding;
use crate::vfs::input_error::InputError;
use std::collections::HashSet;

/// Of several maps that may be meant by a name, so many are tried.
const MOST_CHOICES: usize = 20;

/// What the pods of some objects come to.
#[derive(Default)]
pub struct Described {
    /// Each with the file that describes it.
    pub specs: Vec<(String, DeploymentSpec)>,
    /// The names of texts that belong to a deployment.
    pub used: HashSet<String>,
    /// The names of texts and files that Refinery 1.x reads.
    pub v1: Vec<String>,
    /// Pods of which not both files are known.
    pub partial: Vec<Partial>,
    /// The kinds and names of all that run Refinery.
    runners: HashSet<(String, String)>,
    pub unchecked: Vec<Finding>,
    /// Each with the file that it is about.
    pub notices: Vec<(String, String)>,
}

/// How pods run Refinery of which not both files are known, and the places of the maps that they
/// mention.
pub struct Partial {
    maps: Vec<usize>,
    given: LaunchSpec,
}

/// Describes the pods that are `chosen`. `name` is that of the file that describes them.
///
/// # Errors
/// A file of theirs cannot be read.
pub fn describe(
    objects: &Objects,
    chosen: impl Fn(&Pods) -> bool,
    name: impl Fn(&Pods) -> String,
    around: &mut Loader<'_>,
) -> Result<Described, InputError> {
    let mut described = Described::default();
    let mut names = HashSet::new();
    for pods in objects.pods.iter().filter(|pods| chosen(pods)) {
        let Some(id) = pods.item.span.map(|span| span.file) else { continue };
        let file = name(pods);
        let view = View::last(objects, &pods.identity);
        for choice in 0..choices(pods, view) {
            for workload in workloads_of(pods, view.choosing(choice), &file, id) {
                let Identity { kind, .. } = &pods.identity;
                described.runners.insert((kind.clone(), pods.identity.name().to_owned()));
                let resolved = resolve(&workload, around)?;
                let mut given = workload.launch();
                for scaling in &objects.scaling {
                    scaling.tell(pods, &mut given.machine);
                }
                let notices = workload.notices.iter().cloned().map(|notice| (file.clone(), notice));
                described.notices.extend(notices);
                let mut name = |spec: &DeploymentSpec| {
                    unique(&spec.name, &pods.identity.namespace, &mut names)
                };
                let spec = resolved.spec.map(|spec| DeploymentSpec { name: name(&spec), ..spec });
                described.take(
                    &file,
                    pods,
                    view.choosing(choice),
                    given,
                    Resolved { spec, ..resolved },
                );
            }
        }
    }
    Ok(described)
}

/// In how many ways the names of maps that pods mention can be meant.
fn choices(pods: &Pods, view: View<'_>) -> usize {
    let most = maps_of(pods).into_iter().map(|(kind, name)| view.count(kind, &name)).max();
    most.unwrap_or(1).clamp(1, MOST_CHOICES)
}

/// All maps that pods mention, by kind and name.
pub fn maps_of(pods: &Pods) -> Vec<(&'static str, String)> {
    let Some(pod) = template_of(&pods.item).and_then(|template| template.get("spec")) else {
        return Vec::new();
    };
    let shown = maps_shown(pod).into_iter().map(|(kind, name)| (kind, name.to_owned()));
    let mut maps: Vec<_> = shown.collect();
    let references =
        [("configMapRef", "configMapKeyRef", "ConfigMap"), ("secretRef", "secretKeyRef", "Secret")];
    for container in ["containers", "initContainers"].iter().flat_map(|key| list(pod, key)) {
        for (all, one, kind) in references {
            let sources = list(container, "envFrom").iter().filter_map(|source| source.get(all));
            let single = |variable| at(variable, &["valueFrom", one]);
            let singles = list(container, "env").iter().filter_map(single);
            let named = sources.chain(singles).filter_map(|item| item.get("name")?.text());
            maps.extend(named.map(|name| (kind, name.to_owned())));
        }
    }
    maps
}

impl Described {
    fn take(
        &mut self,
        file: &str,
        pods: &Pods,
        view: View<'_>,
        mut given: LaunchSpec,
        resolved: Resolved,
    ) {
        let objects = view.objects();
        let Resolved { spec, used, v1, is_whole, unchecked, notices } = resolved;
        self.used.extend(v1.iter().cloned());
        self.v1.extend(v1);
        if given.release.is_none() {
            let is_used = |map: &&Map| {
                map.data.iter().any(|datum| used.iter().any(|name| datum.has_name(name)))
            };
            given.release = objects.maps.iter().filter(is_used).find_map(|map| map.release.clone());
        }
        let is_complete = spec.as_ref().is_some_and(is_complete);
        if !(is_whole && is_complete) {
            let maps = maps_of(pods).into_iter().filter_map(|(kind, name)| view.map(kind, &name));
            let maps = maps.filter_map(|map| objects.place_of(map)).collect();
            self.partial.push(Partial { maps, given: given.clone() });
        }
        self.specs.extend(spec.map(|spec| (file.to_owned(), DeploymentSpec { given, ..spec })));
        self.used.extend(used);
        self.unchecked.extend(unchecked);
        self.notices.extend(notices.into_iter().map(|notice| (file.to_owned(), notice)));
    }

    /// Do pods of this identity run Refinery?
    pub fn runs(&self, identity: &Identity) -> bool {
        self.runners.contains(&(identity.kind.clone(), identity.name().to_owned()))
    }

    /// How the only pods that mention the map at a place, and of which not both files are known, run
    /// Refinery.
    pub fn given_for(&self, place: usize) -> Option<&LaunchSpec> {
        let mut theirs = self.partial.iter().filter(|partial| partial.maps.contains(&place));
        theirs.next().filter(|_| theirs.next().is_none()).map(|partial| &partial.given)
    }
}

fn is_complete(spec: &DeploymentSpec) -> bool {
    !(spec.config.is_empty() || spec.rules.is_empty())
}

/// A name that no other deployment of these objects has.
fn unique(name: &str, namespace: &str, names: &mut HashSet<String>) -> String {
    let further = format!("{name} in {namespace}");
    let numbered = (2..).map(|number| format!("{name} ({number})"));
    let first = [name.to_owned()].into_iter();
    let further = Some(further).filter(|_| !namespace.is_empty());
    let mut all = first.chain(further).chain(numbered);
    all.find(|name| names.insert(name.clone())).unwrap_or_default()
}
