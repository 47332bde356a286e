//! The maps that one object sees, where several of one name may be meant.

use super::objects::{Identity, Map, Objects};

/// What an object sees.
#[derive(Clone, Copy)]
pub struct View<'o> {
    objects: &'o Objects,
    of: &'o Identity,
    /// Which map is taken of several that may be meant; the last one where there are not so many.
    choice: usize,
}

impl<'o> View<'o> {
    /// What is applied last.
    pub fn last(objects: &'o Objects, of: &'o Identity) -> Self {
        Self { objects, of, choice: usize::MAX }
    }

    /// One of the ways in which the names that an object mentions can be meant.
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

    /// How many maps may be meant by a name.
    pub fn count(self, kind: &str, name: &str) -> usize {
        self.objects.maps_named(kind, name, self.of).len()
    }
}
