//! Counts in blocks of time, summed over a window.

use super::Nanos;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Blocks by index; a block is as long as the update interval.
#[derive(Clone, Debug)]
pub struct Blocks {
    newest_first: VecDeque<(Nanos, HashMap<Box<str>, i64>)>,
    /// The blocks that contain a key, newest first.
    indexes: HashMap<Box<str>, VecDeque<Nanos>>,
    limit: usize,
}

impl Blocks {
    /// Counts at most `limit` keys.
    pub fn new(limit: usize) -> Self {
        Self { newest_first: VecDeque::new(), indexes: HashMap::new(), limit }
    }

    /// Returns whether there was room. When full, it rejects even known keys.
    pub fn add(&mut self, key: &str, index: Nanos, events: i64) -> bool {
        if self.indexes.len() >= self.limit {
            return false;
        }
        self.note(key, index);
        if self.newest_first.front().is_none_or(|(newest, _)| *newest != index) {
            self.newest_first.push_front((index, HashMap::new()));
        }
        if let Some((_, counts)) = self.newest_first.front_mut() {
            match counts.get_mut(key) {
                Some(count) => *count = count.saturating_add(events),
                None => drop(counts.insert(key.into(), events)),
            }
        }
        true
    }

    fn note(&mut self, key: &str, index: Nanos) {
        match self.indexes.get_mut(key) {
            Some(indexes) if indexes.front() == Some(&index) => {}
            Some(indexes) => indexes.push_front(index),
            None => drop(self.indexes.insert(key.into(), VecDeque::from([index]))),
        }
    }

    /// All counts in the `window` blocks before the current one, sorted by key. Removes older
    /// blocks.
    pub fn look_back(&mut self, current: Nanos, window: i64) -> Vec<(Box<str>, i64)> {
        let newest = current.wrapping_sub(1);
        let too_old = newest.wrapping_sub(window);
        self.forget(too_old);
        let mut sums: BTreeMap<Box<str>, i64> = BTreeMap::new();
        for (_, counts) in self.newest_first.iter().filter(|(index, _)| *index <= newest) {
            for (key, count) in counts {
                let sum = sums.entry(key.clone()).or_default();
                *sum = sum.saturating_add(*count);
            }
        }
        sums.into_iter().collect()
    }

    fn forget(&mut self, too_old: Nanos) {
        let first = self.newest_first.iter().position(|(index, _)| *index <= too_old);
        self.newest_first.truncate(first.unwrap_or(self.newest_first.len()));
        self.indexes.retain(|_, indexes| {
            let first = indexes.iter().position(|index| *index <= too_old);
            indexes.truncate(first.unwrap_or(indexes.len()));
            !indexes.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_whole_blocks_in_the_window() {
        let mut blocks = Blocks::new(usize::MAX);
        for (index, events) in [(1, 1), (2, 10), (3, 100), (4, 1000)] {
            blocks.add("a", index, events);
        }
        let mut seen = blocks.clone();
        assert_eq!(seen.look_back(4, 2), [("a".into(), 110)]);
        assert_eq!(seen.look_back(4, 3), [("a".into(), 110)]);
        assert_eq!(blocks.look_back(9, 30), [("a".into(), 1111)]);
    }

    #[test]
    fn an_empty_window_counts_nothing() {
        for window in [0, -1] {
            let mut blocks = Blocks::new(usize::MAX);
            blocks.add("a", 1, 5);
            assert!(blocks.look_back(2, window).is_empty());
        }
    }

    #[test]
    fn a_full_list_rejects_even_known_keys() {
        let mut blocks = Blocks::new(2);
        assert!(blocks.add("a", 1, 1) && blocks.add("b", 1, 1));
        assert!(!blocks.add("a", 1, 1) && !blocks.add("c", 1, 1));
        assert_eq!(blocks.look_back(2, 1).len(), 2);
        assert!(blocks.look_back(3, 1).is_empty());
        assert!(blocks.add("c", 3, 1));
    }
}
