//! Kubernetes objects as far as they matter here: maps of texts, pods, and what scales these.
//!
//! A stream of documents, a `List` and what Kustomize builds all come to this. Must not read files.

use super::scaling::ScalingObject;
use super::{kind, name, namespace, way_to_pod};
use crate::deploy::content::{Content, Datum};
use crate::deploy::workload::release_of_labels;
use crate::deploy::{Outer, list};
use crate::release::Pin;
use crate::span::Piece;
use crate::syntax::{Entry, Item};
use std::collections::HashMap;

/// How an object is found by others.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    pub kind: String,
    /// All that it has been called, the present name last.
    pub names: Vec<String>,
    /// Prefixes and suffixes that have been put around the name.
    pub affixes: String,
    pub namespace: String,
    /// The file in which it stands.
    pub file: String,
}

impl Identity {
    pub fn of(file: &str, object: &Item) -> Self {
        Self {
            kind: kind(object).unwrap_or_default().to_owned(),
            names: vec![name(object).to_owned()],
            affixes: String::new(),
            namespace: namespace(object).to_owned(),
            file: file.to_owned(),
        }
    }

    pub fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// Has it ever been this?
    pub fn is(&self, kind: &str, name: &str) -> bool {
        self.kind == kind && self.has_name(name)
    }

    pub fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// May both lie in one namespace? Whoever applies an object that names none says where it goes.
    fn may_be_near(&self, other: &Self) -> bool {
        let is_open = self.namespace.is_empty() || other.namespace.is_empty();
        is_open || self.namespace == other.namespace
    }
}

/// A `ConfigMap` or a Secret.
#[derive(Clone, Debug)]
pub struct Map {
    pub identity: Identity,
    pub data: Vec<Datum>,
    /// By the labels that the chart gives.
    pub release: Option<Pin>,
}

/// Pods, or what makes them.
#[derive(Clone, Debug)]
pub struct Pods {
    pub identity: Identity,
    pub item: Item,
    /// Where the tag of an image was changed last.
    pub tagged: Option<String>,
}

/// All that has been collected.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    pub maps: Vec<Map>,
    pub pods: Vec<Pods>,
    pub scaling: Vec<ScalingObject>,
}

impl Map {
    /// None where an object is no map of texts.
    pub fn of(outer: Outer<'_>, object: &Item) -> Option<Self> {
        let identity = Identity::of(outer.name, object);
        if !matches!(identity.kind.as_str(), "ConfigMap" | "Secret") {
            return None;
        }
        let data = entries(object, &identity.kind).map(|(group, entry)| {
            Datum::of(outer, identity.name(), group, entry, &|pieces: Vec<Piece>| pieces)
        });
        let data: Vec<Datum> = data.collect();
        let release = release_of_labels(object, "its labels".to_owned());
        Some(Self { release, ..Self::new(identity, data) })
    }

    /// Of texts with the same key the last counts.
    pub fn new(identity: Identity, data: Vec<Datum>) -> Self {
        let mut map = Self { identity, data: Vec::new(), release: None };
        map.put(data);
        map
    }

    /// Puts texts in, each in place of one of the same key.
    pub fn put(&mut self, data: Vec<Datum>) {
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

    pub fn get(&self, key: &str) -> Option<&Datum> {
        self.data.iter().find(|datum| datum.key == key)
    }

    /// A Secret without any key is filled by somebody else.
    fn is_in_sight(&self) -> bool {
        self.identity.kind != "Secret" || !self.data.is_empty()
    }
}

/// How the values of a group of keys are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Text,
    /// In base64, and text when it is decoded.
    Base64,
    /// In base64, and not for variables.
    Binary,
}

impl Group {
    /// The group of this name in a map of this kind.
    pub fn of(key: &str, kind: &str) -> Option<Self> {
        match (key, kind) {
            ("data", "Secret") => Some(Self::Base64),
            ("stringData", "Secret") | ("data", _) => Some(Self::Text),
            ("binaryData", kind) if kind != "Secret" => Some(Self::Binary),
            _ => None,
        }
    }
}

/// The entries of a map of this kind; of the same key in a Secret `stringData` counts.
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
            Some(kind) if way_to_pod(kind).is_some() => {
                let (identity, item) = (Identity::of(outer.name, object), object.clone());
                self.pods.push(Pods { identity, item, tagged: None });
            }
            _ => {
                let map = Map::of(outer, object);
                self.maps.extend(map.map(|map| self.distinguish(map)));
                self.scaling.extend(ScalingObject::of(outer, object));
            }
        }
    }

    /// Gives the texts of a map names of their own, where another one in its file is called the same.
    fn distinguish(&self, mut map: Map) -> Map {
        let Identity { file, kind, namespace, .. } = &map.identity;
        let name = map.identity.name();
        let is_alike = |known: &&Map| known.identity.file == *file && known.identity.name() == name;
        let others = self.maps.iter().filter(is_alike).map(|known| &known.identity);
        let is_other = |other: &Identity| (&other.kind, &other.namespace) != (kind, namespace);
        let Some(other) = others.into_iter().find(|other| is_other(other)) else { return map };
        let qualifier = if other.namespace == *namespace { kind } else { namespace };
        let (before, after) = (format!("{file}#{name}:"), format!("{file}#{qualifier}/{name}:"));
        for datum in &mut map.data {
            datum.content.rename(&before, &after);
        }
        map
    }

    pub fn is_empty(&self) -> bool {
        self.maps.is_empty() && self.pods.is_empty() && self.scaling.is_empty()
    }

    pub fn absorb(&mut self, other: Self) {
        self.maps.extend(other.maps);
        self.pods.extend(other.pods);
        self.scaling.extend(other.scaling);
    }

    /// The maps that an object may mean by a name, at most one of each file: those that went the
    /// same way as it, else those of its namespace, else those of its file, if several have it.
    pub fn maps_named(&self, kind: &str, name: &str, of: &Identity) -> Vec<&Map> {
        let mut found: Vec<&Map> = Vec::new();
        for map in self.maps.iter().filter(|map| map.is_in_sight()) {
            if map.identity.is(kind, name) && map.identity.may_be_near(of) {
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

    /// Takes away what is chosen: maps first and pods after them.
    pub fn take_away(&mut self, chosen: &[bool]) {
        let mut gone = chosen.iter();
        self.maps.retain(|_| gone.next() != Some(&true));
        self.pods.retain(|_| gone.next() != Some(&true));
    }

    pub fn identities_mut(&mut self) -> impl Iterator<Item = &mut Identity> {
        let maps = self.maps.iter_mut().map(|map| &mut map.identity);
        maps.chain(self.pods.iter_mut().map(|pods| &mut pods.identity))
    }

    /// Where a map stands among all of them.
    pub fn place_of(&self, map: &Map) -> Option<usize> {
        self.maps.iter().position(|known| std::ptr::eq(known, map))
    }
}

/// Has it elements, as a list of one kind of objects has?
fn is_list(object: &Item) -> bool {
    object.get("items").and_then(Item::list).is_some()
}

impl Datum {
    /// Is it what a report calls so?
    pub fn has_name(&self, name: &str) -> bool {
        self.content.name().is_some_and(|known| known == name)
    }

    /// The text, where it stands in an object.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Within { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The text that a variable gets of it.
    pub fn value(&self) -> Option<&str> {
        self.text().filter(|_| !self.is_binary)
    }
}
