//! Kubernetes objects that are resources of Terraform, such as `kubernetes_deployment` and
//! `kubernetes_config_map` → the objects that the provider makes of them.
//!
//! Must not decide which of them run Refinery.

use super::read::{Given, has_expression};
use super::siblings::documents_with;
use super::value_content::content_of;
use crate::deploy::chart::items::{entry, map, text};
use crate::deploy::content::{Content, DataEntry};
use crate::deploy::kubernetes::identity::Identity;
use crate::deploy::kubernetes::objects::{Map, Objects};
use crate::deploy::loader::Loader;
use crate::deploy::{Outer, list, word};
use crate::source_name::SourceName;
use crate::syntax::{Entry, Item, Value};
use std::collections::BTreeMap;

/// Resources with pods, or that scale them, and the kinds of the objects; `_v1` may follow.
const KINDS: [(&str, &str); 10] = [
    ("kubernetes_deployment", "Deployment"),
    ("kubernetes_stateful_set", "StatefulSet"),
    ("kubernetes_daemonset", "DaemonSet"),
    ("kubernetes_daemon_set", "DaemonSet"),
    ("kubernetes_pod", "Pod"),
    ("kubernetes_job", "Job"),
    ("kubernetes_cron_job", "CronJob"),
    ("kubernetes_replication_controller", "ReplicationController"),
    ("kubernetes_pod_disruption_budget", "PodDisruptionBudget"),
    ("kubernetes_horizontal_pod_autoscaler", "HorizontalPodAutoscaler"),
];

/// Resources with the data of maps. Those that end with `_data` add to maps that exist.
const MAPS: [(&str, &str); 4] = [
    ("kubernetes_config_map", "ConfigMap"),
    ("kubernetes_secret", "Secret"),
    ("kubernetes_config_map_v1_data", "ConfigMap"),
    ("kubernetes_secret_v1_data", "Secret"),
];

const NAMESPACE: (&str, &str) = ("kubernetes_namespace", "Namespace");

/// Blocks that may be repeated, and their keys in Kubernetes.
const LISTS: [(&str, &str); 9] = [
    ("container", "containers"),
    ("init_container", "initContainers"),
    ("volume", "volumes"),
    ("volume_mount", "volumeMounts"),
    ("env", "env"),
    ("env_from", "envFrom"),
    ("items", "items"),
    ("sources", "sources"),
    ("volume_claim_template", "volumeClaimTemplates"),
];

/// Mappings whose keys are names.
const OF_NAMES: [&str; 3] = ["labels", "annotations", "match_labels"];

/// Blocks whose names say what a pod mounts, or where its variables come from.
const NAMED: [&str; 6] =
    ["volume", "volume_mount", "config_map", "secret", "config_map_ref", "secret_ref"];

/// Values that the provider makes strings of, and that may have unknown parts.
const STRINGS: [&str; 4] = ["value", "args", "command", "image"];

/// The maximum depth of blocks.
const DEEPEST: usize = 32;

/// The kind of the objects of a resource.
fn kind_of(resource: &str, kinds: &[(&str, &'static str)]) -> Option<&'static str> {
    let plain = ["_v1", "_v2"].iter().find_map(|end| resource.strip_suffix(end));
    let plain = plain.unwrap_or(resource);
    kinds.iter().find(|(known, _)| *known == plain).map(|(_, kind)| *kind)
}

/// Resources of some kinds: the type and label of each, and its kind and content.
fn resources<'i>(
    document: &'i Item,
    kinds: &'i [(&'i str, &'static str)],
) -> impl Iterator<Item = (String, &'static str, &'i Item)> {
    let types = document.get("resource").map(Item::entries).unwrap_or_default().iter();
    types.filter_map(|own| Some((own, kind_of(&own.key, kinds)?))).flat_map(|(own, kind)| {
        own.item.entries().iter().flat_map(move |labelled| {
            let address = format!("{}.{}", own.key, labelled.key);
            let all = labelled.item.list().unwrap_or_default().iter();
            all.map(move |item| (address.clone(), kind, item))
        })
    })
}

/// Adds the objects of a document.
pub fn add_objects(
    outer: Outer<'_>,
    document: &Item,
    given: &Given,
    loader: &mut Loader<'_>,
    objects: &mut Objects,
) {
    let maps: Vec<_> = resources(document, &MAPS).collect();
    let pods: Vec<_> = resources(document, &KINDS).collect();
    if maps.is_empty() && pods.is_empty() {
        return;
    }
    let names = Names::of(outer, document, given, loader);
    for (address, kind, item) in maps {
        let object = names.object(&address, kind, item, Vec::new());
        let data = ["data", "binary_data"].iter().filter_map(|key| item.get(key));
        let (known, unknown): (Vec<_>, Vec<_>) = data.partition(|it| it.text().is_none());
        let path = |key: &str| format!("resource.{address}[0].data.{key}");
        let content = |entry: &Entry| {
            let name = SourceName::within(outer.name, path(&entry.key));
            let content = content_of(outer, &entry.item, name, loader)?;
            Some(DataEntry { key: entry.key.clone(), content, is_binary: false })
        };
        let data = known.iter().flat_map(|data| data.entries()).filter_map(content).collect();
        let further = unknown.first().map(|data| {
            let (name, text) = (path(""), word(data).unwrap_or_default());
            let name = SourceName::within(outer.name, name.trim_end_matches('.'));
            // Inputs may be any part of it.
            let is_of_caller = text.contains("var.");
            let content = Content::Unevaluated { name, text, pieces: Vec::new(), is_of_caller };
            DataEntry { key: String::new(), content, is_binary: false }
        });
        let identity = Identity::of(outer.name, &object);
        objects.maps.push(Map { further, is_only_mounted: true, ..Map::new(identity, data) });
    }
    for (address, kind, item) in pods {
        let mut pods = PodReader { names: &names, is_open: false };
        let spec = item.get("spec").and_then(Item::list).and_then(<[Item]>::first);
        let spec = spec.map(|spec| entry("spec", pods.block("spec", spec, 0)));
        let object = names.object(&address, kind, item, spec.into_iter().collect());
        if pods.is_open {
            objects.add_part(outer, &object, true);
        } else {
            objects.add(outer, &object);
        }
    }
}

/// The names of the objects of a module, by the type and label of their resources.
struct Names(BTreeMap<String, Vec<String>>);

impl Names {
    fn of(outer: Outer<'_>, document: &Item, given: &Given, loader: &mut Loader<'_>) -> Self {
        let mut names = Self(BTreeMap::new());
        names.add(document);
        for other in documents_with("\"kubernetes_", outer, given, loader) {
            names.add(&other);
        }
        names
    }

    fn add(&mut self, document: &Item) {
        let kinds = [MAPS[0], MAPS[1], NAMESPACE];
        for (address, _, item) in resources(document, &kinds) {
            let name = written_name(item).unwrap_or(&address).to_owned();
            self.0.entry(address).or_default().push(name);
        }
    }

    /// The name that a text stands for; `None` if it is unknown.
    fn resolve(&self, text: &str) -> Option<String> {
        let is_known = || self.0.values().flatten().any(|name| name == text);
        if !has_expression(text) || is_known() {
            return Some(text.to_owned());
        }
        let reference = text.strip_prefix("${")?.strip_suffix('}')?;
        let (address, rest) = reference.split_once(".metadata")?;
        // One of several instances.
        let address = address.split('[').next().unwrap_or_default();
        let is_name = rest.rsplit_once('.').is_some_and(|(_, key)| key == "name");
        let names = self.0.get(address).filter(|_| is_name)?;
        names.first().filter(|_| names.len() == 1).cloned()
    }

    /// An object of a resource, with further entries.
    fn object(&self, address: &str, kind: &str, item: &Item, more: Vec<Entry>) -> Item {
        let blocks = list(item, "metadata").first();
        let written = |key: &str| blocks.and_then(|metadata| metadata.get(key));
        let name = written("name").and_then(Item::text).unwrap_or(address);
        let namespace = written("namespace").and_then(Item::text);
        let namespace = namespace.and_then(|namespace| self.resolve(namespace));
        let mut metadata = vec![entry("name", text(name))];
        metadata.extend(namespace.map(|namespace| entry("namespace", text(&namespace))));
        let others = ["labels", "annotations"].into_iter();
        metadata.extend(others.filter_map(|key| Some(entry(key, written(key)?.clone()))));
        let head = [
            entry("apiVersion", text("v1")),
            entry("kind", text(kind)),
            entry("metadata", map(metadata)),
        ];
        let entries = head.into_iter().chain(more).collect();
        Item::new(Value::Map(entries), item.span)
    }
}

fn written_name(item: &Item) -> Option<&str> {
    list(item, "metadata").first()?.get("name")?.text()
}

/// Blocks of a pod → the fields of Kubernetes.
struct PodReader<'n> {
    names: &'n Names,
    /// Whether parts of the pods are unknown.
    is_open: bool,
}

impl PodReader<'_> {
    /// The fields of a block of this name.
    fn block(&mut self, name: &str, item: &Item, depth: usize) -> Item {
        let mut entries = Vec::new();
        let mut sources = Vec::new();
        for own in item.entries().iter().filter(|_| depth < DEEPEST) {
            if own.key == "dynamic" {
                // Variables that may be anything, as those of a map that is not known.
                let is_variable = |inner: &Entry| ["env", "env_from"].contains(&inner.key.as_str());
                let (variables, others): (Vec<_>, Vec<_>) =
                    own.item.entries().iter().partition(|inner| is_variable(inner));
                let unknown = || map(vec![entry("configMapRef", map(Vec::new()))]);
                sources.extend(variables.iter().map(|_| unknown()));
                self.is_open |= !others.is_empty();
                continue;
            }
            let known = LISTS.iter().find(|(written, _)| *written == own.key);
            let key = known.map_or_else(|| field(&own.key), |(_, key)| (*key).to_owned());
            let item = self.value(name, own, known.is_some(), depth);
            entries.push(Entry { key, key_span: own.key_span, item });
        }
        if !sources.is_empty() {
            match entries.iter_mut().find(|own| own.key == "envFrom") {
                Some(Entry { item: Item { value: Value::List(known), .. }, .. }) => {
                    known.extend(sources);
                }
                _ => entries.push(entry("envFrom", Item::new(Value::List(sources), None))),
            }
        }
        Item::new(Value::Map(entries), item.span)
    }

    /// The value of an attribute or block in a block of this name.
    fn value(&mut self, around: &str, own: &Entry, is_list: bool, depth: usize) -> Item {
        let Entry { key, item, .. } = own;
        let key = key.as_str();
        let value = match &item.value {
            _ if OF_NAMES.contains(&key) => return item.clone(),
            Value::List(items) if is_list => {
                let items = items.iter().flat_map(|inner| match key {
                    "sources" => each_source(inner),
                    _ => vec![inner.clone()],
                });
                Value::List(items.map(|inner| self.block(key, &inner, depth + 1)).collect())
            }
            Value::List(items) => match &items[..] {
                [inner] if matches!(inner.value, Value::Map(_)) => {
                    return self.block(key, inner, depth + 1);
                }
                _ => {
                    let own = |item: &Item| Entry { item: item.clone(), ..own.clone() };
                    let inner =
                        items.iter().map(|item| self.value(around, &own(item), false, depth));
                    Value::List(inner.collect())
                }
            },
            Value::Map(_) => return self.block(key, item, depth + 1),
            Value::Text(text) if ["name", "secret_name"].contains(&key) => {
                let resolved = self.names.resolve(text);
                self.is_open |= resolved.is_none() && NAMED.contains(&around);
                Value::Text(resolved.unwrap_or_else(|| text.clone()))
            }
            // A whole list or block.
            Value::Text(text) if is_list && has_expression(text) => {
                self.is_open = true;
                return item.clone();
            }
            _ if STRINGS.contains(&key) => match word(item) {
                Some(text) => Value::Text(as_action(&text)),
                None => return item.clone(),
            },
            _ => return item.clone(),
        };
        Item { value, ..item.clone() }
    }
}

/// The sources of a projected volume in one block, which may have several of a kind.
fn each_source(block: &Item) -> Vec<Item> {
    let each = block.entries().iter().flat_map(|own| {
        let all = own.item.list().unwrap_or(std::slice::from_ref(&own.item)).iter();
        all.map(|item| {
            let item = Item::new(Value::List(vec![item.clone()]), own.item.span);
            Item::new(Value::Map(vec![Entry { item, ..own.clone() }]), block.span)
        })
    });
    each.collect()
}

/// A text with its expressions as actions of a template, whose values are unknown.
fn as_action(text: &str) -> String {
    if has_expression(text) { text.replace("${", "{{").replace('}', "}}") } else { text.to_owned() }
}

/// The field that an attribute becomes: `mount_path` is `mountPath`.
fn field(attribute: &str) -> String {
    if attribute == "downward_api" {
        return "downwardAPI".to_owned();
    }
    let mut parts = attribute.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |before, part| {
        let (start, rest) = part.split_at(part.chars().next().map_or(0, char::len_utf8));
        before + &start.to_ascii_uppercase() + rest
    })
}
