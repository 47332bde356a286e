//! What a kustomization makes, as far as it matters here: maps of texts, and pods.
//!
//! Must not read files.

use super::texts::clip;
use crate::deploy::{Outer, block, kubernetes};
use crate::span::{Piece, Span};
use crate::syntax::{Entry, Item};
use crate::vfs::path::format_of;
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
}

impl Identity {
    pub fn of(object: &Item) -> Self {
        Self {
            kind: kubernetes::kind(object).unwrap_or_default().to_owned(),
            names: vec![kubernetes::name(object).to_owned()],
            affixes: String::new(),
            namespace: kubernetes::namespace(object).to_owned(),
        }
    }

    pub fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// Has it ever been this?
    pub fn is(&self, kind: &str, name: &str) -> bool {
        self.kind == kind && self.names.iter().any(|known| known == name)
    }
}

/// A `ConfigMap` or a Secret.
#[derive(Clone, Debug)]
pub struct Map {
    pub identity: Identity,
    pub data: Vec<Datum>,
}

/// A text in it.
#[derive(Clone, Debug)]
pub struct Datum {
    pub key: String,
    pub content: Content,
}

/// Where a text is kept.
#[derive(Clone, Debug)]
pub enum Content {
    /// In a file that lies open; the place where that is named.
    File { name: String, named: Span },
    /// In a file that says more.
    Within { name: String, text: String, pieces: Vec<Piece> },
    /// In bytes that nobody can edit as text.
    Sealed,
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
pub struct Built {
    pub maps: Vec<Map>,
    pub pods: Vec<Pods>,
}

impl Map {
    /// None where an object is no map of texts.
    pub fn of(outer: Outer<'_>, object: &Item) -> Option<Self> {
        let identity = Identity::of(object);
        if !matches!(identity.kind.as_str(), "ConfigMap" | "Secret") {
            return None;
        }
        let data = entries(object).map(|(is_text, entry)| {
            let datum = Datum::of(outer, identity.name(), entry, &|pieces| pieces);
            if is_text { datum } else { datum.sealed() }
        });
        let data: Vec<Datum> = data.collect();
        Some(Self::new(identity, data))
    }

    /// Of texts with the same key the last counts.
    pub fn new(identity: Identity, data: Vec<Datum>) -> Self {
        let mut map = Self { identity, data: Vec::new() };
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
}

/// The entries of a map's object, and whether they are texts as they stand.
pub fn entries(object: &Item) -> impl Iterator<Item = (bool, &Entry)> {
    let is_secret = kubernetes::kind(object) == Some("Secret");
    [("data", !is_secret), ("binaryData", false), ("stringData", is_secret)]
        .into_iter()
        .filter_map(|(key, is_text)| Some((is_text, object.get(key)?)))
        .flat_map(|(is_text, data)| data.entries().iter().map(move |entry| (is_text, entry)))
}

impl Content {
    /// What a report calls the text.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::File { name, .. } | Self::Within { name, .. } => Some(name),
            Self::Sealed => None,
        }
    }
}

impl Datum {
    /// An entry of an object; `placed` leads from places in the text at hand to those in its file.
    pub fn of(
        outer: Outer<'_>,
        map: &str,
        entry: &Entry,
        placed: &dyn Fn(Vec<Piece>) -> Vec<Piece>,
    ) -> Self {
        let key = entry.key.clone();
        let name = format!("{}#{map}:{key}", outer.name);
        let content = match (entry.item.text(), entry.item.span) {
            (Some(text), Some(span)) => {
                let pieces = placed(block::pieces(outer, span, text));
                Content::Within { name, text: text.to_owned(), pieces }
            }
            _ => Content::Sealed,
        };
        Self { key, content }
    }

    /// What it is called for the process, where nobody says: its key, or, if a mount has to give that
    /// another name, the file's own.
    pub fn likely_path(&self) -> &str {
        match &self.content {
            Content::File { name, .. } if format_of(&self.key).is_none() => name,
            _ => &self.key,
        }
    }

    pub fn sealed(self) -> Self {
        Self { content: Content::Sealed, ..self }
    }

    /// A part of a scalar, such as what is behind `key=`.
    pub fn cut(name: String, key: &str, text: &str, start: usize, pieces: Vec<Piece>) -> Self {
        let content = Content::Within {
            name,
            text: text.to_owned(),
            pieces: clip(pieces, start..start + text.len()),
        };
        Self { key: key.to_owned(), content }
    }
}

impl Built {
    pub fn absorb(&mut self, other: Self) {
        self.maps.extend(other.maps);
        self.pods.extend(other.pods);
    }

    /// The map that pods mean by a name: one that went the same way as they, if several have it.
    pub fn map(&self, kind: &str, name: &str, of: &Identity) -> Option<&Map> {
        let named = || self.maps.iter().filter(|map| map.identity.is(kind, name));
        let is_near = |map: &&Map| {
            map.identity.affixes == of.affixes && map.identity.namespace == of.namespace
        };
        let is_alike = |map: &&Map| map.identity.affixes == of.affixes;
        named().rfind(is_near).or_else(|| named().rfind(is_alike)).or_else(|| named().next_back())
    }

    /// Takes away what is chosen: maps first and pods behind them.
    pub fn take_away(&mut self, chosen: &[bool]) {
        let mut gone = chosen.iter();
        self.maps.retain(|_| gone.next() != Some(&true));
        self.pods.retain(|_| gone.next() != Some(&true));
    }

    pub fn identities_mut(&mut self) -> impl Iterator<Item = &mut Identity> {
        let maps = self.maps.iter_mut().map(|map| &mut map.identity);
        maps.chain(self.pods.iter_mut().map(|pods| &mut pods.identity))
    }
}
