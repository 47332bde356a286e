//! Fields of pods with a value of the wrong type, with which Kubernetes rejects the object.
//!
//! Source: the Kubernetes API reference, "Pod" and "Volume".

use super::is_open_text;
use crate::check;
use crate::deploy::list;
use crate::diagnostic::Finding;
use crate::span::Span;
use crate::syntax::{Item, Value};

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

/// Reports the fields of a pod that Kubernetes rejects. One of them makes it reject all.
pub fn find_in_pod(pod: &Item) -> Vec<Finding> {
    let containers = ["initContainers", "containers"].iter().flat_map(|key| list(pod, key));
    let mut found: Vec<Finding> =
        std::iter::once(pod).chain(containers).flat_map(mistyped).collect();
    found.extend(list(pod, "volumes").iter().flat_map(unnamed));
    found
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

/// Sources of a volume without the name of their map.
fn unnamed(volume: &Item) -> impl Iterator<Item = Finding> {
    SOURCES.into_iter().filter_map(|(kind, required, other)| {
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
    })
}

fn find(message: String, place: Option<Span>, help: String) -> Finding {
    let finding = Finding::new(&INVALID_POD, message).at_some(place, "Kubernetes rejects this");
    finding.help(help).refuses()
}

/// Whether a value is only known when it is applied.
fn is_open(item: &Item) -> bool {
    item.text().is_some_and(is_open_text)
}
