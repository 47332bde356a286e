//! Looks up the maps that an object refers to, if several have the same name.

use super::identity::Identity;
use super::objects::{Map, Objects};
use strsim::levenshtein;

/// The maps as one object refers to them.
#[derive(Clone, Copy)]
pub struct View<'o> {
    objects: &'o Objects,
    of: &'o Identity,
    /// Which of several candidates to take; the last one if there are fewer.
    choice: usize,
}

impl<'o> View<'o> {
    /// Takes the last candidate, which is applied last.
    pub fn last(objects: &'o Objects, of: &'o Identity) -> Self {
        Self { objects, of, choice: usize::MAX }
    }

    /// Takes the candidate with this index.
    #[must_use]
    pub fn choosing(self, choice: usize) -> Self {
        Self { choice, ..self }
    }

    pub fn objects(self) -> &'o Objects {
        self.objects
    }

    pub fn map(self, kind: &str, name: &str) -> Option<&'o Map> {
        let found = self.objects.maps_named(kind, name, self.of);
        found.get(self.choice).or(found.last()).copied()
    }

    /// The name of the map that is most like a misspelled one.
    pub fn near(self, kind: &str, name: &str) -> Option<&'o str> {
        const MOST_TYPOS: usize = 2;
        let names = self.objects.maps.iter().filter(|map| map.identity.kind == kind);
        let names = names.map(|map| map.identity.name());
        let distances = names.map(|other| (levenshtein(other, name), other));
        distances.filter(|(distance, _)| *distance <= MOST_TYPOS).min().map(|(_, near)| near)
    }

    /// The number of candidates for a name.
    pub fn count(self, kind: &str, name: &str) -> usize {
        self.objects.maps_named(kind, name, self.of).len()
    }
}
