//! Volume mounts with which Kubernetes rejects a pod.

use super::volumes::volume_of;
use super::{has_pods, is_open_text, kind};
use crate::check;
use crate::deploy::{at, list};
use crate::diagnostic::Finding;
use crate::syntax::{Item, Value};
use strsim::levenshtein;

check!(
    INVALID_MOUNT,
    "start/invalid-volume-mount",
    Error,
    kind: Verdict,
    "a volume mount names an undefined volume or an invalid `subPath`",
    "Kubernetes rejects the object, so nothing is rolled out. It may accept a StatefulSet, but creates none \
     of its pods: a rolling update deletes a pod and cannot replace it."
);

/// The largest distance of a name that may be meant.
const NEAR: usize = 3;

/// Reports the mounts of a pod that Kubernetes rejects. One of them makes it reject all. Of a pod that
/// `is_partial`, other files may define the volumes.
pub fn find_in_pod(object: &Item, pod: &Item, is_partial: bool) -> Vec<Finding> {
    let containers = ["initContainers", "containers"].iter().flat_map(|key| list(pod, key));
    let mounts = containers.flat_map(|container| list(container, "volumeMounts"));
    let has_all = !is_partial && defines_all(object, pod);
    let found = mounts.flat_map(|mount| {
        let undefined = if has_all { find_undefined(object, pod, mount) } else { None };
        undefined.into_iter().chain(find_part(mount))
    });
    found.collect()
}

/// Whether nothing else adds volumes to the pods of an object.
fn defines_all(object: &Item, pod: &Item) -> bool {
    let is_known = kind(object).is_some_and(has_pods);
    // Patches name containers, and seldom their images.
    let has_image = |container: &Item| container.get("image").is_some();
    let is_whole = |item: &Item| matches!(item.value, Value::List(_) | Value::Null);
    // A webhook may change pods before they are validated, but no object that creates pods.
    let annotations = at(object, &["metadata", "annotations"]).map(Item::entries);
    let is_injected = kind(object) == Some("Pod")
        && annotations.unwrap_or_default().iter().any(|entry| entry.key.contains("inject"));
    is_known
        && !is_injected
        && list(pod, "containers").iter().all(has_image)
        && pod.get("volumes").is_none_or(is_whole)
        && !defined(object, pod).any(is_open_text)
}

/// The names of all volumes of a pod.
fn defined<'i>(object: &'i Item, pod: &'i Item) -> impl Iterator<Item = &'i str> {
    let own = list(pod, "volumes").iter().map(|volume| volume.get("name")?.text());
    let spec = object.get("spec");
    let claimed = spec.map(|spec| list(spec, "volumeClaimTemplates")).unwrap_or_default().iter();
    let claimed = claimed.map(|claim| at(claim, &["metadata", "name"])?.text());
    own.chain(claimed).map(|name| name.unwrap_or("$"))
}

fn find_undefined(object: &Item, pod: &Item, mount: &Item) -> Option<Finding> {
    let item = mount.get("name")?;
    let name = item.text().filter(|name| !is_open_text(name))?;
    let is_claimed = || defined(object, pod).any(|known| known == name);
    if volume_of(pod, name).is_some() || is_claimed() {
        return None;
    }
    let message = format!("the pod has no volume `{name}`");
    let near = defined(object, pod).min_by_key(|known| levenshtein(known, name));
    let help = match near.filter(|known| levenshtein(known, name) <= NEAR) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("define `{name}` under `volumes` of the pod"),
    };
    let finding = Finding::new(&INVALID_MOUNT, message).at_some(item.span, "not defined");
    Some(finding.help(help).refuses())
}

/// Reports a path in a volume that is absolute or leaves it.
fn find_part(mount: &Item) -> Option<Finding> {
    let (key, item) =
        ["subPath", "subPathExpr"].iter().find_map(|key| Some((key, mount.get(key)?)))?;
    let path = item.text()?;
    let (what, help) = if path.starts_with('/') {
        let relative = path.trim_start_matches('/');
        ("must be a relative path", format!("write `{relative}`"))
    } else if path.split('/').any(|part| part == "..") {
        ("must not contain `..`", "write a path inside the volume, without `..`".to_owned())
    } else {
        return None;
    };
    let finding = Finding::new(&INVALID_MOUNT, format!("`{key}` {what}"));
    Some(finding.at_some(item.span, "Kubernetes rejects this").help(help).refuses())
}
