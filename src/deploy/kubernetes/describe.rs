//! Objects → deployments: every container that runs Refinery, with its files.
//!
//! Must not read objects from files, nor recognise the unmounted files (`unmounted` does).

use super::identity::Identity;
use super::map_uses::references_in_variables;
use super::map_uses::uses_of;
use super::objects::{Map, Objects, Pods};
use super::pods::workloads_of;
use super::template_of;
use super::view::View;
use super::volumes::maps_shown;
use crate::deploy::deployment_spec::DeploymentSpec;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loader::Loader;
use crate::deploy::resolve::{Resolved, UnknownFile, resolve};
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::schema::Kind;
use crate::source_name::SourceName;
use crate::vfs::input_error::InputError;
use std::collections::HashSet;

/// The maximum number of candidates that are tried if several maps have the same name.
const MOST_CHOICES: usize = 20;

/// What the pods among some objects describe.
#[derive(Default)]
pub struct Described {
    /// Deployments, each with the file that describes it.
    pub specs: Vec<(String, DeploymentSpec)>,
    /// The names of entries that a deployment uses.
    pub used: HashSet<String>,
    /// The names of entries and files for Refinery 1.x.
    pub v1: Vec<String>,
    /// Pods for which only one file is known, or none.
    pub partial: Vec<Partial>,
    /// The kinds and names of objects that run Refinery.
    runners: HashSet<(String, String)>,
    pub unchecked: Vec<Finding>,
    /// Files that were not found.
    pub unknown: Vec<UnknownFile>,
    pub notices: Vec<Notice>,
}

/// Pods with unknown files: how they launch Refinery, and the indices of the maps that they
/// mention.
pub struct Partial {
    maps: Vec<usize>,
    launch: LaunchSpec,
}

/// Describes the `chosen` pods. `name` returns the file that describes them.
///
/// # Errors
/// A file that they use cannot be read.
pub fn describe(
    objects: &Objects,
    chosen: impl Fn(&Pods) -> bool,
    name: impl Fn(&Pods) -> String,
    loader: &mut Loader<'_>,
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
                let resolved = resolve(&workload, loader)?;
                let mut launch = workload.launch();
                for scaling in &objects.scaling {
                    scaling.apply(&pods.identity, &pods.item, &mut launch.machine);
                }
                described.notices.extend(workload.notices.iter().cloned());
                let mut name = |spec: &DeploymentSpec| {
                    unique(&spec.name, &pods.identity.namespace, &mut names)
                };
                let spec = resolved.spec.map(|spec| DeploymentSpec {
                    maps: uses_of(&workload.name, pods, view.choosing(choice)),
                    name: name(&spec),
                    ..spec
                });
                // Another container of the pod may prepare a file from one of its maps.
                let is_lost = |unknown: &UnknownFile| {
                    !(unknown.may_be_prepared && has_file(pods, view, unknown.kind, loader))
                };
                described.unknown.extend(resolved.unknown.into_iter().filter(is_lost));
                described.take(
                    &file,
                    pods,
                    view.choosing(choice),
                    launch,
                    Resolved { spec, unknown: Vec::new(), ..resolved },
                );
            }
        }
    }
    Ok(described)
}

/// The number of ways to choose between maps of the same name that pods mention.
fn choices(pods: &Pods, view: View<'_>) -> usize {
    let most = maps_of(pods).into_iter().map(|(kind, name)| view.count(kind, &name)).max();
    most.unwrap_or(1).clamp(1, MOST_CHOICES)
}

/// Whether a map that pods mention has a file of this kind.
fn has_file(pods: &Pods, view: View<'_>, wanted: Kind, loader: &Loader<'_>) -> bool {
    let maps = maps_of(pods).into_iter().filter_map(|(kind, name)| view.map(kind, &name));
    let mut data = maps.flat_map(|map| &map.data);
    data.any(|datum| {
        datum.recognise(datum.likely_path(), loader).is_some_and(|what| what.kind == wanted)
    })
}

/// All maps that pods mention, by kind and name.
pub fn maps_of(pods: &Pods) -> Vec<(&'static str, String)> {
    let Some(pod) = template_of(&pods.item).and_then(|template| template.get("spec")) else {
        return Vec::new();
    };
    let shown = maps_shown(pod).into_iter().map(|(kind, name)| (kind, name.to_owned()));
    let in_variables = references_in_variables(pod)
        .into_iter()
        .filter_map(|(kind, item)| Some((kind, item.get("name")?.text()?.to_owned())));
    shown.chain(in_variables).collect()
}

impl Described {
    fn take(
        &mut self,
        file: &str,
        pods: &Pods,
        view: View<'_>,
        mut launch: LaunchSpec,
        resolved: Resolved,
    ) {
        let objects = view.objects();
        let Resolved { spec, used, v1, is_whole, unchecked, unknown: _, notices } = resolved;
        self.used.extend(v1.iter().cloned());
        self.v1.extend(v1);
        if launch.release.is_none() {
            let is_used = |map: &&Map| {
                map.data.iter().any(|datum| used.iter().any(|name| datum.has_name(name)))
            };
            launch.release =
                objects.maps.iter().filter(is_used).find_map(|map| map.release.clone());
        }
        let is_complete = spec.as_ref().is_some_and(is_complete);
        if !(is_whole && is_complete) {
            let maps = maps_of(pods).into_iter().filter_map(|(kind, name)| view.map(kind, &name));
            let maps = maps.filter_map(|map| objects.place_of(map)).collect();
            self.partial.push(Partial { maps, launch: launch.clone() });
        }
        self.specs.extend(spec.map(|spec| (file.to_owned(), DeploymentSpec { launch, ..spec })));
        self.used.extend(used);
        self.unchecked.extend(unchecked);
        self.notices.extend(notices);
    }

    /// Whether pods with this identity run Refinery.
    pub fn runs(&self, identity: &Identity) -> bool {
        self.runners.contains(&(identity.kind.clone(), identity.name().to_owned()))
    }

    /// The launch of the only pods with unknown files that mention the map with this index.
    pub fn launch_for(&self, place: usize) -> Option<&LaunchSpec> {
        let mut theirs = self.partial.iter().filter(|partial| partial.maps.contains(&place));
        theirs.next().filter(|_| theirs.next().is_none()).map(|partial| &partial.launch)
    }
}

fn is_complete(spec: &DeploymentSpec) -> bool {
    !(spec.config.is_empty() || spec.rules.is_empty())
}

/// A name that no other deployment has.
fn unique(name: &SourceName, namespace: &str, names: &mut HashSet<SourceName>) -> SourceName {
    let other = |place: String| SourceName::within(name.file(), place);
    let further = other(format!("{} in {namespace}", name.place()));
    let numbered = (2..).map(|number| name.variant(number));
    let first = [name.clone()].into_iter();
    let further = Some(further).filter(|_| !namespace.is_empty());
    let mut all = first.chain(further).chain(numbered);
    all.find(|name| names.insert(name.clone())).unwrap_or_default()
}
