//! A mapping that is being read. Of duplicate keys the last one is kept.

use super::key::Key;
use super::value::{Entry, Item, Value};
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// Up to this many keys are compared with a new one, which takes less time than hashing them.
const FEW: usize = 16;

pub struct Mapping {
    /// Every key is a string, even if it looks like another type.
    pub text_keys: bool,
    entries: Vec<(Item, Item)>,
    /// The places of all keys, if there are more than a few.
    places: HashMap<Key, usize, RandomState>,
}

impl Mapping {
    pub fn new(text_keys: bool) -> Self {
        Self { text_keys, entries: Vec::new(), places: HashMap::default() }
    }

    pub fn set(&mut self, key: Item, value: Item) {
        let place = self.place_of(&key);
        match place.and_then(|place| self.entries.get_mut(place)) {
            Some(entry) => *entry = (key, value),
            None => self.entries.push((key, value)),
        }
    }

    /// The position of a known key. For a new key: the next position, or none if there are few keys.
    fn place_of(&mut self, key: &Item) -> Option<usize> {
        let next = self.entries.len();
        if next < FEW {
            return self.entries.iter().position(|(known, _)| is_same(known, key));
        }
        if self.places.is_empty() {
            let all = self.entries.iter().enumerate();
            self.places = all.filter_map(|(at, (key, _))| Some((Key::of(key)?, at))).collect();
        }
        Some(*self.places.entry(Key::of(key)?).or_insert(next))
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

fn is_same(one: &Item, other: &Item) -> bool {
    match (&one.value, &other.value) {
        (Value::Text(one), Value::Text(other)) => one == other,
        _ => Key::of(one).is_some_and(|key| Key::of(other) == Some(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_duplicate_keys_is_kept_in_the_place_of_the_first() {
        for count in [2, FEW, FEW + 1, 3 * FEW] {
            let mut mapping = Mapping::new(true);
            let number = |n: usize| Item::new(Value::Text(n.to_string()), None);
            for at in (0..count).chain([1, count - 1, 0]) {
                mapping.set(number(at), number(mapping.entries.len() + at));
            }
            let Value::Map(entries) = mapping.into_value() else { panic!("keys are strings") };
            assert!(
                entries.iter().map(|entry| entry.key.clone()).eq((0..count).map(|n| n.to_string()))
            );
            for (at, entry) in entries.iter().enumerate() {
                let is_again = at < 2 || at == count - 1;
                let value = if is_again { count + at } else { 2 * at };
                assert_eq!(entry.item, number(value), "{count}");
            }
        }
    }

    #[test]
    fn keys_that_equal_no_other_are_all_kept() {
        let mut mapping = Mapping::new(false);
        for _ in 0..3 * FEW {
            mapping.set(Item::new(Value::Float(f64::NAN), None), Item::new(Value::Null, None));
        }
        assert_eq!(mapping.entries.len(), 3 * FEW);
    }
}
