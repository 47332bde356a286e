//! The `ConfigMap`s without which the containers of a pod do not start.

use super::objects::Pods;
use super::template_of;
use super::view::View;
use super::{is_open_text, is_true};
use crate::deploy::map_use::MapUse;
use crate::deploy::{at, list};
use crate::source_name::SourceName;
use crate::syntax::Item;

/// All `ConfigMap`s that a pod needs. Secrets are not listed: often they are only in the cluster.
pub fn uses_of(container: &SourceName, pods: &Pods, view: View<'_>) -> Vec<MapUse> {
    let pod = template_of(&pods.item).and_then(|template| template.get("spec"));
    let Some(pod) = pod.filter(|_| !pods.is_open) else { return Vec::new() };
    let needed = |reference: &&Item| !is_true(reference.get("optional"));
    let use_of = |reference: &Item| {
        let name = reference.get("name")?;
        let map = name.text().filter(|map| !is_open_text(map))?.to_owned();
        let is_found = view.map("ConfigMap", &map).is_some();
        Some(MapUse { container: container.clone(), map, place: name.span, is_found })
    };
    references(pod).into_iter().filter(needed).filter_map(use_of).collect()
}

/// The references to maps in the variables of a pod, with their kinds.
pub fn references_in_variables(pod: &Item) -> Vec<(&'static str, &Item)> {
    const KEYS: [(&str, &str, &str); 2] =
        [("configMapRef", "configMapKeyRef", "ConfigMap"), ("secretRef", "secretKeyRef", "Secret")];
    let mut found = Vec::new();
    for container in ["containers", "initContainers"].iter().flat_map(|key| list(pod, key)) {
        for (all, one, kind) in KEYS {
            let sources = list(container, "envFrom").iter().filter_map(|source| source.get(all));
            let single = |variable| at(variable, &["valueFrom", one]);
            let singles = list(container, "env").iter().filter_map(single);
            found.extend(sources.chain(singles).map(|item| (kind, item)));
        }
    }
    found
}

/// The references to `ConfigMap`s in a pod.
fn references(pod: &Item) -> Vec<&Item> {
    let volumes = list(pod, "volumes").iter();
    let sources = volumes.flat_map(|volume| {
        let projected = volume.get("projected").map(|it| list(it, "sources")).unwrap_or_default();
        std::iter::once(volume).chain(projected)
    });
    let mounted = sources.filter_map(|source| source.get("configMap"));
    let in_variables = references_in_variables(pod).into_iter();
    let in_variables = in_variables.filter(|(kind, _)| *kind == "ConfigMap");
    mounted.chain(in_variables.map(|(_, item)| item)).collect()
}
