//! Events by key, up to a limit of keys.

use std::collections::HashMap;

/// What was counted since the last update.
#[derive(Clone, Debug)]
pub struct Counts {
    counts: HashMap<Box<str>, i64>,
    limit: usize,
}

impl Counts {
    /// Counts at most `limit` keys; others pass uncounted.
    pub fn new(limit: usize) -> Self {
        Self { counts: HashMap::new(), limit }
    }

    /// Whether there was room for the key.
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

    /// Takes all counts, sorted by key, and starts again from nothing.
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
    fn new_keys_pass_uncounted_at_the_limit() {
        let mut counts = Counts::new(2);
        let added: Vec<bool> = ["b", "a", "c", "a"].map(|key| counts.add(key, 2)).into();
        assert_eq!(added, [true, true, false, true]);
        assert_eq!(counts.take(), [("a".into(), 4), ("b".into(), 2)]);
        assert!(counts.take().is_empty());
    }
}
