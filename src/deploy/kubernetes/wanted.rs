//! Maps that pods of Refinery mention and that are not among the objects applied with them.

use super::describe::maps_of;
use super::objects::{Map, Objects, Pods};
use super::pods::runs_refinery;
use super::view::View;

/// A map that pods mention.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    pub kind: &'static str,
    pub name: String,
    namespace: String,
}

impl Wanted {
    pub fn is_of(&self, pods: &Pods) -> bool {
        maps_of(pods).into_iter().any(|(kind, name)| kind == self.kind && name == self.name)
    }

    pub fn is(&self, map: &Map) -> bool {
        let namespace = &map.identity.namespace;
        map.identity.is(self.kind, &self.name)
            && (namespace.is_empty() || self.namespace.is_empty() || *namespace == self.namespace)
    }
}

/// The missing maps that pods mention, if the pods may run Refinery.
pub fn missing(pods: &Pods, objects: &Objects) -> Vec<Wanted> {
    let view = View::last(objects, &pods.identity);
    if !runs_refinery(pods, view) {
        return Vec::new();
    }
    let maps = maps_of(pods).into_iter();
    let namespace = &pods.identity.namespace;
    maps.filter(|(kind, name)| view.map(kind, name).is_none())
        .map(|(kind, name)| Wanted { kind, name, namespace: namespace.clone() })
        .collect()
}
