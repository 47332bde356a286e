//! How Kubernetes objects refer to each other: by kind, name and namespace.

use super::{kind, name, namespace};
use crate::deploy::{at, word};
use crate::syntax::Item;

/// How other objects refer to an object.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    pub kind: String,
    /// All names that it has had, the current one last.
    pub names: Vec<String>,
    /// Prefixes and suffixes that Kustomize has added to the name.
    pub affixes: String,
    pub namespace: String,
    /// The file that contains it.
    pub file: String,
    pub labels: Vec<(String, String)>,
    pub annotations: Vec<(String, String)>,
}

impl Identity {
    pub fn of(file: &str, object: &Item) -> Self {
        Self {
            kind: kind(object).unwrap_or_default().to_owned(),
            names: vec![name(object).to_owned()],
            affixes: String::new(),
            namespace: namespace(object).to_owned(),
            file: file.to_owned(),
            labels: pairs(object, "labels"),
            annotations: pairs(object, "annotations"),
        }
    }

    pub fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// Whether it has, or had, this kind and name.
    pub fn is(&self, kind: &str, name: &str) -> bool {
        self.kind == kind && self.has_name(name)
    }

    pub fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Whether both may be in one namespace. An object without a namespace can be applied to any.
    pub fn may_be_near(&self, other: &Self) -> bool {
        let is_open = self.namespace.is_empty() || other.namespace.is_empty();
        is_open || self.namespace == other.namespace
    }
}

/// The labels or annotations of an object.
fn pairs(object: &Item, key: &str) -> Vec<(String, String)> {
    let entries = at(object, &["metadata", key]).map(Item::entries).unwrap_or_default();
    entries.iter().filter_map(|entry| Some((entry.key.clone(), word(&entry.item)?))).collect()
}
