//! A mapping that is being read. Of duplicate keys the last one is kept.

use super::key::Key;
use super::value::{Entry, Item, Value};
use foldhash::fast::RandomState;
use std::collections::HashMap;

pub struct Mapping {
    /// Every key is a string, even if it looks like another type.
    pub text_keys: bool,
    entries: Vec<(Item, Item)>,
    places: HashMap<Key, usize, RandomState>,
}

impl Mapping {
    pub fn new(text_keys: bool) -> Self {
        Self { text_keys, entries: Vec::new(), places: HashMap::default() }
    }

    pub fn set(&mut self, key: Item, value: Item) {
        let place = Key::of(&key).map(|key| *self.places.entry(key).or_insert(self.entries.len()));
        match place.and_then(|place| self.entries.get_mut(place)) {
            Some(entry) => *entry = (key, value),
            None => self.entries.push((key, value)),
        }
    }

    /// Adds an entry after those of the same key.
    pub fn push(&mut self, key: Item, value: Item) {
        self.entries.push((key, value));
    }

    pub fn into_value(self) -> Value {
        if !self.text_keys {
            return Value::Mixed(self.entries);
        }
        let entries = self.entries.into_iter().map(|(key, item)| Entry {
            key_span: key.span,
            key: match key.value {
                Value::Text(text) => text,
                _ => key.raw,
            },
            item,
        });
        Value::Map(entries.collect())
    }
}
