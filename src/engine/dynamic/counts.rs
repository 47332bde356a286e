//! Counts events by key, up to a limit of keys.

use std::collections::HashMap;

/// The counts since the last update.
#[derive(Clone, Debug)]
pub struct Counts {
    counts: HashMap<Box<str>, i64>,
    limit: usize,
}

impl Counts {
    /// Counts at most `limit` keys; others are not counted.
    pub fn new(limit: usize) -> Self {
        Self { counts: HashMap::new(), limit }
    }

    /// Returns whether there was room for the key.
    pub fn add(&mut self, key: &str, events: i64) -> bool {
        if let Some(count) = self.counts.get_mut(key) {
            *count = count.saturating_add(events);
            return true;
        }
        let has_room = self.counts.len() < self.limit;
        if has_room {
            self.counts.insert(key.into(), events);
        }
        has_room
    }

    /// Returns all counts, sorted by key, and resets them.
    pub fn take(&mut self) -> Vec<(Box<str>, i64)> {
        let mut counts: Vec<_> = self.counts.drain().collect();
        counts.sort_unstable();
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_keys_are_not_counted_at_the_limit() {
        let mut counts = Counts::new(2);
        let added: Vec<bool> = ["b", "a", "c", "a"].map(|key| counts.add(key, 2)).into();
        assert_eq!(added, [true, true, false, true]);
        assert_eq!(counts.take(), [("a".into(), 4), ("b".into(), 2)]);
        assert!(counts.take().is_empty());
    }
}
