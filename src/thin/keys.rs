//! Whether traces are counted together if and only if they were counted together before.

use foldhash::fast::RandomState;
use std::collections::HashMap;

/// The keys before, by those after thinning, and the reverse.
#[derive(Debug, Default)]
pub struct Keys {
    there: HashMap<u64, u64, RandomState>,
    back: HashMap<u64, u64, RandomState>,
}

/// A dynamic sampler that counts more keys keeps everything.
const MOST_KEYS: usize = 1 << 22;

impl Keys {
    /// Adds the hashes of the keys of a trace; returns whether they fit those before.
    pub fn add(&mut self, [before, after]: [u64; 2]) -> bool {
        if self.there.len() >= MOST_KEYS && !self.there.contains_key(&before) {
            return true;
        }
        let is_same = *self.there.entry(before).or_insert(after) == after;
        *self.back.entry(after).or_insert(before) == before && is_same
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_neither_split_nor_merge() {
        let mut keys = Keys::default();
        let fits = [[1, 5], [2, 6], [1, 5], [1, 6], [3, 6], [4, 7]].map(|pair| keys.add(pair));
        assert_eq!(fits, [true, true, true, false, false, true]);
    }
}
