//! Fields of pods with a value of the wrong type, with which Kubernetes rejects the object.
//!
//! Source: the Kubernetes API reference, "Pod" and "Volume".

use super::is_open_text;
use crate::check;
use crate::deploy::list;
use crate::diagnostic::Finding;
use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use std::collections::BTreeSet;

check!(
    INVALID_POD,
    "start/invalid-pod",
    Error,
    kind: Verdict,
    "a field of a pod is missing or has the wrong type",
    "Kubernetes rejects the object, so nothing is rolled out. Running pods keep their old configuration."
);

/// Fields with lists of mappings, by which a pod gets its files and variables.
pub const MAPPINGS: [&str; 6] =
    ["containers", "env", "envFrom", "initContainers", "volumeMounts", "volumes"];
/// Fields with lists of strings, which decide what it runs.
pub const STRINGS: [&str; 2] = ["args", "command"];

/// Sources of a volume: the field, its required key, and the key that it is often confused with.
const SOURCES: [(&str, &str, &str); 2] =
    [("configMap", "name", "secretName"), ("secret", "secretName", "name")];

/// The same in a projected volume.
const PROJECTED: [(&str, &str, &str); 2] =
    [("configMap", "name", "secretName"), ("secret", "name", "secretName")];

/// Common volume types. A volume must have only one type.
const TYPES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "hostPath",
    "nfs",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Reports the fields of a pod that Kubernetes rejects. One of them makes it reject all.
pub fn find_in_pod(pod: &Item) -> Vec<Finding> {
    let containers = ["initContainers", "containers"].iter().flat_map(|key| list(pod, key));
    let mut found: Vec<Finding> =
        std::iter::once(pod).chain(containers).flat_map(mistyped).collect();
    found.extend(list(pod, "volumes").iter().flat_map(in_volume));
    found.extend(find_duplicates(list(pod, "volumes"), "name", "volumes"));
    let containers = ["initContainers", "containers"].iter().flat_map(|key| list(pod, key));
    for container in containers {
        found.extend(find_duplicates(list(container, "volumeMounts"), "mountPath", "mounts"));
        found.extend(list(container, "env").iter().filter_map(find_value_conflict));
    }
    found
}

/// Elements of a list in which a key must be unique.
fn find_duplicates(items: &[Item], key: &str, what: &str) -> Vec<Finding> {
    let mut known = BTreeSet::new();
    let values = items.iter().filter_map(|item| item.entry(key));
    let values = values.filter(|entry| !is_open(&entry.item));
    let repeated = values.filter(|entry| {
        let text = entry.item.text().map(|text| text.trim_end_matches('/'));
        text.is_some_and(|text| !known.insert(text))
    });
    let find_one = |entry: &Entry| {
        let text = entry.item.text().unwrap_or_default();
        let message = format!("two {what} have the same `{key}`: `{text}`");
        find(message, entry.item.span, "remove one of them".to_owned())
    };
    repeated.map(find_one).collect()
}

/// A variable with both a value and a reference.
fn find_value_conflict(variable: &Item) -> Option<Finding> {
    let value = variable.get("value").filter(|value| !is_empty(value))?;
    let from = variable.entry("valueFrom").filter(|entry| !is_empty(&entry.item))?;
    let name = variable.get("name").and_then(Item::text).unwrap_or("?");
    let message = format!("the variable `{name}` has both `value` and `valueFrom`");
    (!is_open(value)).then(|| find(message, from.key_span, "remove one of them".to_owned()))
}

fn is_empty(item: &Item) -> bool {
    item.value == Value::Null || item.text() == Some("") || item.value == Value::Map(Vec::new())
}

/// Fields that are no list, or a list of something else. Templates may write anything.
fn mistyped(item: &Item) -> impl Iterator<Item = Finding> {
    let fields = item.entries().iter().filter(|entry| !is_open(&entry.item));
    fields.filter_map(|entry| {
        let key = entry.key.as_str();
        let is_map = |item: &Item| matches!(item.value, Value::Map(_)) || is_open(item);
        let is_list_of = |is_it: &dyn Fn(&Item) -> bool| {
            entry.item.list().is_some_and(|items| items.iter().all(is_it))
        };
        let of = match key {
            _ if entry.item.value == Value::Null => return None,
            _ if MAPPINGS.contains(&key) && !is_list_of(&is_map) => "mappings",
            _ if STRINGS.contains(&key) && !is_list_of(&|_| true) => "strings",
            _ => return None,
        };
        let help = match (&entry.item.value, of) {
            (Value::Map(_), "mappings") => "start each entry with `- `, such as `- name: …`",
            (Value::Text(_), "strings") => "write each argument as an element of a list",
            _ => "write a list",
        };
        Some(find(format!("`{key}` must be a list of {of}"), entry.key_span, help.to_owned()))
    })
}

/// What is wrong with the sources of a volume.
fn in_volume(volume: &Item) -> Vec<Finding> {
    let mut found = unnamed(volume, SOURCES);
    let projected = volume.get("projected").map(|projected| list(projected, "sources"));
    let inner = projected.unwrap_or_default().iter();
    found.extend(inner.flat_map(|source| unnamed(source, PROJECTED)));
    let mut sources = volume.entries().iter().filter(|entry| {
        TYPES.contains(&&*entry.key) && entry.item.value != Value::Null && !is_open(&entry.item)
    });
    if let (Some(first), Some(second)) = (sources.next(), sources.next()) {
        let message = format!("a volume has both `{}` and `{}`", first.key, second.key);
        found.push(find(message, second.key_span, "remove one of them".to_owned()));
    }
    found
}

/// Sources without the name of their map.
fn unnamed(volume: &Item, sources: [(&str, &str, &str); 2]) -> Vec<Finding> {
    let find_one = |(kind, required, other): (&str, &str, &str)| {
        let source = volume.entry(kind)?;
        if is_open(&source.item) || source.item.get(required).is_some() {
            return None;
        }
        let misplaced = source.item.entry(other).and_then(|entry| entry.key_span);
        let help = match misplaced {
            Some(_) => format!("rename `{other}` to `{required}`"),
            None => format!("add `{required}`"),
        };
        let message = format!("missing required key `{required}` in `{kind}` of a volume");
        Some(find(message, misplaced.or(source.key_span), help))
    };
    sources.into_iter().filter_map(find_one).collect()
}

fn find(message: String, place: Option<Span>, help: String) -> Finding {
    let finding = Finding::new(&INVALID_POD, message).at_some(place, "Kubernetes rejects this");
    finding.help(help).refuses()
}

/// Whether a value is only known when it is applied.
fn is_open(item: &Item) -> bool {
    item.text().is_some_and(is_open_text)
}
