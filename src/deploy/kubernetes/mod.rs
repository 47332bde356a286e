//! Kubernetes objects and the deployments that they describe.
//!
//! Objects in any form – manifests, a stream rendered by Helm, a `List`, the output of a
//! kustomization – are read into [`objects::Objects`], and pods are described by one set of rules,
//! the kubelet's.

pub mod applied;
pub mod describe;
mod expand;
pub mod identity;
mod injected;
mod injected_files;
pub mod invalid_maps;
mod invalid_mounts;
pub mod made;
mod map_uses;
pub mod missing_key;
pub mod nested;
pub mod not_strings;
pub mod objects;
pub mod pod_fields;
pub mod pods;
pub mod scaling;
pub mod sealed;
pub mod unmounted;
mod variables;
mod view;
mod volumes;
pub mod wanted;

pub use variables::Env;

use super::at;
use crate::syntax::{Item, Value};
use crate::value::Duration;

/// The kind of an object; `None` if the item is not an object.
pub fn kind(item: &Item) -> Option<&str> {
    item.get("apiVersion")?;
    item.get("kind")?.text()
}

pub fn name(item: &Item) -> &str {
    at(item, &["metadata", "name"]).and_then(Item::text).unwrap_or("?")
}

/// Whether a string is only known when it is applied.
pub fn is_open_text(text: &str) -> bool {
    text.contains(['$', '{'])
}

pub fn namespace(item: &Item) -> &str {
    at(item, &["metadata", "namespace"]).and_then(Item::text).unwrap_or_default()
}

/// Whether an optional boolean is set and true.
fn is_true(item: Option<&Item>) -> bool {
    item.is_some_and(|item| item.value == Value::Bool(true))
}

/// Whether Kubernetes requires a selector in an object.
pub fn needs_selector(object: &Item) -> bool {
    let is_selecting =
        |kind| matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet");
    kind(object).is_some_and(is_selecting)
}

/// The path from most objects to their pod spec.
const TEMPLATE: &[&str] = &["spec", "template", "spec"];

/// The kinds of objects with pods, and the path from each to its pod spec.
const KINDS_WITH_PODS: [(&str, &[&str]); 10] = [
    ("Deployment", TEMPLATE),
    ("StatefulSet", TEMPLATE),
    ("DaemonSet", TEMPLATE),
    ("ReplicaSet", TEMPLATE),
    ("ReplicationController", TEMPLATE),
    ("Job", TEMPLATE),
    (ROLLOUT, TEMPLATE),
    ("CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]),
    ("Pod", &["spec"]),
    ("PodTemplate", &["template", "spec"]),
];

/// The only one of these kinds that Kubernetes itself does not have.
pub const ROLLOUT: &str = "Rollout";

/// Whether objects of a kind are pods, or have a template of pods.
pub fn has_pods(kind: &str) -> bool {
    KINDS_WITH_PODS.iter().any(|(known, _)| *known == kind)
}

/// The path from an object to its pod spec. Kinds that are not known have it where most have it.
pub fn path_to_pod(object: &Item) -> Option<&'static [&'static str]> {
    let kind = kind(object)?;
    let known = KINDS_WITH_PODS.iter().find(|(known, _)| *known == kind).map(|(_, path)| *path);
    let has_template =
        || at(object, TEMPLATE).is_some_and(|template| template.get("containers").is_some());
    known.or_else(|| has_template().then_some(TEMPLATE))
}

/// The pod that an object is, or its pod template.
pub fn template_of(object: &Item) -> Option<&Item> {
    let (_, way) = path_to_pod(object)?.split_last()?;
    at(object, way)
}

/// Parses processors such as `2`, `1500m` or `0.5`, rounded up to at least one, like the Go
/// runtime.
pub fn processors(quantity: &str) -> Option<u32> {
    let thousandths: u32 = if let Some(count) = quantity.strip_suffix('m') {
        count.parse().ok()?
    } else {
        let (whole, part) = quantity.split_once('.').unwrap_or((quantity, ""));
        let part = format!("{part:0<3}");
        let part: u32 = part.get(..3)?.parse().ok()?;
        whole.parse::<u32>().ok()?.checked_mul(1000)?.checked_add(part)?
    };
    Some(thousandths.div_ceil(1000).max(1))
}

/// Parses a number of seconds, such as a grace period.
pub fn seconds(number: &str) -> Option<Duration> {
    number.parse::<u32>().ok().map(|seconds| Duration(i64::from(seconds) * 1_000_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_processors_up() {
        for (quantity, count) in [
            ("2", Some(2)),
            ("2000m", Some(2)),
            ("1500m", Some(2)),
            ("0.5", Some(1)),
            ("2.25", Some(3)),
        ] {
            assert_eq!(processors(quantity), count, "{quantity}");
        }
        assert_eq!((processors("x"), processors("-1"), processors("5k")), (None, None, None));
    }
}
