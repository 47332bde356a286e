//! Kubernetes objects as far as they matter here: maps (`ConfigMap`s and Secrets), pods, and
//! objects that scale them.
//!
//! Streams of documents, `List`s and the output of Kustomize all become this. Must not read files.

use super::identity::Identity;
use super::scaling::ScalingObject;
use super::{ROLLOUT, has_pods, injected, kind, made, path_to_pod};
use crate::deploy::content::{DataEntry, Group};
use crate::deploy::workload::release_of_labels;
use crate::deploy::{Outer, list};
use crate::release::Pin;
use crate::span::{FileId, Piece};
use crate::syntax::{Entry, Item};
use std::collections::HashMap;

/// The kinds of objects that install charts.
pub const RELEASES: [&str; 3] = ["HelmRelease", "Application", "ApplicationSet"];

/// A `ConfigMap` or Secret.
#[derive(Clone, Debug)]
pub struct Map {
    pub identity: Identity,
    pub data: Vec<DataEntry>,
    /// What stands for further entries, whose keys are unknown.
    pub further: Option<DataEntry>,
    /// The release in the labels that the chart sets.
    pub release: Option<Pin>,
    /// Whether Kustomize adds a hash of its content to its name.
    pub is_hashed: bool,
    /// Whether its files are found without it, so that it only matters where pods mount it.
    pub is_only_mounted: bool,
}

/// A pod, or an object that creates pods.
#[derive(Clone, Debug)]
pub struct Pods {
    pub identity: Identity,
    pub item: Item,
    /// Where Kustomize last changed the tag of an image.
    pub tagged: Option<String>,
    /// Whether it is from a template, of which parts may be unknown.
    pub is_open: bool,
}

/// An object that may install the Refinery chart with values of its own.
#[derive(Clone, Debug)]
pub struct Release {
    pub identity: Identity,
    pub item: Item,
    /// The file that it is from, and where its document starts there.
    pub file: FileId,
    pub start: usize,
    /// Whether a kustomization has changed it, and with which files.
    pub is_changed: bool,
    pub patches: Vec<String>,
}

/// A collection of objects.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    pub maps: Vec<Map>,
    pub pods: Vec<Pods>,
    pub releases: Vec<Release>,
    pub scaling: Vec<ScalingObject>,
    /// Whether Kustomize is told in which fields of other kinds names are.
    pub has_references: bool,
}

impl Map {
    /// `None` if the object is neither a `ConfigMap` nor a Secret, and no operator makes one of it.
    pub fn of(outer: Outer<'_>, object: &Item) -> Option<Self> {
        let made = made::secret(object);
        let object = made.as_ref().unwrap_or(object);
        let identity = Identity::of(outer.name, object);
        if !matches!(identity.kind.as_str(), "ConfigMap" | "Secret") {
            return None;
        }
        let data = entries(object, &identity.kind).map(|(group, entry)| {
            DataEntry::of(outer, identity.name(), group, entry, &|pieces: Vec<Piece>| pieces)
                .with_checked_key(entry.key_span)
        });
        let mut data: Vec<DataEntry> = data.collect();
        if made.is_some() {
            data.iter_mut().for_each(DataEntry::leave_actions_unknown);
        }
        let release = release_of_labels(object, "its labels".to_owned());
        Some(Self { release, ..Self::new(identity, data) })
    }

    /// Of entries with the same key the last one wins.
    pub fn new(identity: Identity, data: Vec<DataEntry>) -> Self {
        let (data_read, release, further) = (Vec::new(), None, None);
        let (is_hashed, is_only_mounted) = (false, false);
        let mut map =
            Self { identity, data: data_read, further, release, is_hashed, is_only_mounted };
        map.put(data);
        map
    }

    /// Adds entries, replacing those with the same key.
    pub fn put(&mut self, data: Vec<DataEntry>) {
        let places = self.data.iter().enumerate().map(|(place, datum)| (datum.key.clone(), place));
        let mut places: HashMap<String, usize> = places.collect();
        for datum in data {
            let place = *places.entry(datum.key.clone()).or_insert(self.data.len());
            match self.data.get_mut(place) {
                Some(known) => *known = datum,
                None => self.data.push(datum),
            }
        }
    }

    pub fn get(&self, key: &str) -> Option<&DataEntry> {
        self.data.iter().find(|datum| datum.key == key)
    }

    /// A Secret without keys is filled by something else, such as an operator.
    fn is_in_sight(&self) -> bool {
        self.identity.kind != "Secret" || !self.data.is_empty()
    }
}

/// The entries of a map of this kind. `stringData` comes last, because it overrides `data`.
pub fn entries<'o>(object: &'o Item, kind: &'o str) -> impl Iterator<Item = (Group, &'o Entry)> {
    ["data", "binaryData", "stringData"]
        .into_iter()
        .filter_map(move |key| Some((Group::of(key, kind)?, object.get(key)?)))
        .flat_map(|(group, data)| data.entries().iter().map(move |entry| (group, entry)))
}

impl Objects {
    /// Adds an object, or all objects of a `List`.
    pub fn add(&mut self, outer: Outer<'_>, object: &Item) {
        match kind(object) {
            Some(kind) if kind == "List" || kind.ends_with("List") && is_list(object) => {
                for item in list(object, "items") {
                    self.add(outer, item);
                }
            }
            Some(_) if path_to_pod(object).is_some() => {
                let injected = injected::entries_of(outer, object);
                self.maps.extend(injected.map(|(identity, data)| Map::new(identity, data)));
                let (identity, item) = (Identity::of(outer.name, object), object.clone());
                self.pods.push(Pods { identity, item, tagged: None, is_open: false });
            }
            Some(kind) if RELEASES.contains(&kind) => {
                let (identity, item) = (Identity::of(outer.name, object), object.clone());
                let Outer { file, start, .. } = outer;
                let (is_changed, patches) = (false, Vec::new());
                self.releases.push(Release { identity, item, file, start, is_changed, patches });
            }
            _ => {
                let map = Map::of(outer, object);
                self.maps.extend(map.map(|map| self.distinguish(map)));
                self.scaling.extend(ScalingObject::of(object));
            }
        }
    }

    /// Adds an object from a template. With `is_open`, its pods may have files that are not known.
    pub fn add_part(&mut self, outer: Outer<'_>, object: &Item, is_open: bool) {
        let known = self.pods.len();
        self.add(outer, object);
        for pods in self.pods.iter_mut().skip(known) {
            pods.is_open = is_open;
        }
    }

    /// Renames the entries of a map if another map in its file has the same name.
    fn distinguish(&self, mut map: Map) -> Map {
        let Identity { file, kind, namespace, .. } = &map.identity;
        let name = map.identity.name();
        let is_alike = |known: &&Map| known.identity.file == *file && known.identity.name() == name;
        let others = self.maps.iter().filter(is_alike).map(|known| &known.identity);
        let is_other = |other: &Identity| (&other.kind, &other.namespace) != (kind, namespace);
        let Some(other) = others.into_iter().find(|other| is_other(other)) else { return map };
        let qualifier = if other.namespace == *namespace { kind } else { namespace };
        let (before, after) = (format!("{name}:"), format!("{qualifier}/{name}:"));
        for datum in &mut map.data {
            datum.content.rename(&before, &after);
        }
        map
    }

    pub fn absorb(&mut self, other: Self) {
        self.maps.extend(other.maps);
        self.pods.extend(other.pods);
        self.releases.extend(other.releases);
        self.scaling.extend(other.scaling);
        self.has_references |= other.has_references;
    }

    /// The maps that a name in an object may refer to, at most one per file. Of several, those with
    /// the same prefixes and suffixes are preferred, then those of its namespace, then those of its
    /// file.
    pub fn maps_named(&self, kind: &str, name: &str, of: &Identity) -> Vec<&Map> {
        let mut found: Vec<&Map> = Vec::new();
        // Kustomize changes the names of maps only in kinds of Kubernetes itself.
        let is_of_kubernetes = has_pods(&of.kind) && of.kind != ROLLOUT;
        let follows = self.has_references || is_of_kubernetes;
        for map in self.maps.iter().filter(|map| map.is_in_sight()) {
            if map.identity.is(kind, name)
                && map.identity.may_be_near(of)
                && (follows || !map.is_hashed && map.identity.name() == name)
            {
                // Of two in one file the later one is applied last.
                found.retain(|known| {
                    let (known, new) = (&known.identity, &map.identity);
                    (&known.file, &known.namespace, &known.affixes)
                        != (&new.file, &new.namespace, &new.affixes)
                });
                found.push(map);
            }
        }
        let nearer: [fn(&Identity, &Identity) -> bool; 3] = [
            |map, of| map.affixes == of.affixes,
            |map, of| map.namespace == of.namespace,
            |map, of| map.file == of.file,
        ];
        for is_nearer in nearer {
            if found.iter().any(|map| is_nearer(&map.identity, of)) {
                found.retain(|map| is_nearer(&map.identity, of));
            }
        }
        found
    }

    /// Removes the chosen objects; `chosen` lists maps first, then pods, then releases.
    pub fn take_away(&mut self, chosen: &[bool]) {
        let mut gone = chosen.iter();
        self.maps.retain(|_| gone.next() != Some(&true));
        self.pods.retain(|_| gone.next() != Some(&true));
        self.releases.retain(|_| gone.next() != Some(&true));
    }

    pub fn identities_mut(&mut self) -> impl Iterator<Item = &mut Identity> {
        let maps = self.maps.iter_mut().map(|map| &mut map.identity);
        let pods = self.pods.iter_mut().map(|pods| &mut pods.identity);
        maps.chain(pods).chain(self.releases.iter_mut().map(|release| &mut release.identity))
    }

    /// The index of a map.
    pub fn place_of(&self, map: &Map) -> Option<usize> {
        self.maps.iter().position(|known| std::ptr::eq(known, map))
    }
}

/// Whether it has `items`, like a `ConfigMapList`.
fn is_list(object: &Item) -> bool {
    object.get("items").and_then(Item::list).is_some()
}
