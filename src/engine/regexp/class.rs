//! Sets of characters as ranges of code points.
//!
//! Surrogates are code points too: a pattern may contain them, a string cannot.

use super::fold::{each_fold, simple_fold};
use std::sync::Arc;

pub const MAX_CHAR: u32 = char::MAX as u32;

/// Inclusive ranges, sorted and disjoint once cleaned. Copies share their ranges: a pattern may use
/// one large class twenty thousand times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Class(Arc<Vec<(u32, u32)>>);

impl Class {
    pub fn new(ranges: &[(u32, u32)]) -> Self {
        Self(Arc::new(ranges.to_vec()))
    }

    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// Adds a range and merges it with one of the last two if they touch.
    pub fn append(&mut self, low: u32, high: u32) {
        let ranges = Arc::make_mut(&mut self.0);
        for range in ranges.iter_mut().rev().take(2) {
            if low <= range.1.saturating_add(1) && range.0 <= high.saturating_add(1) {
                *range = (range.0.min(low), range.1.max(high));
                return;
            }
        }
        ranges.push((low, high));
    }

    /// Adds a range and every character that differs from one of it only in case.
    pub fn append_folded(&mut self, low: u32, high: u32) {
        self.append(low, high);
        each_fold(low, high, |other| self.append(other, other));
    }

    pub fn append_chars(&mut self, chars: &[u32], fold: bool) {
        for &c in chars {
            if fold {
                self.append_folded(c, c);
            } else {
                self.append(c, c);
            }
        }
    }

    pub fn append_class(&mut self, other: &Self) {
        for &(low, high) in other.ranges() {
            self.append(low, high);
        }
    }

    /// Adds the complement of a clean class.
    pub fn append_negated(&mut self, other: &Self) {
        let mut next = 0;
        for &(low, high) in other.ranges() {
            if next < low {
                self.append(next, low - 1);
            }
            next = high + 1;
        }
        if next <= MAX_CHAR {
            self.append(next, MAX_CHAR);
        }
    }

    /// Sorts the ranges and merges those that touch.
    pub fn clean(&mut self) {
        if self.0.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0) {
            return;
        }
        let ranges = Arc::make_mut(&mut self.0);
        // Mostly runs that are already sorted, which a stable sort exploits.
        ranges.sort_by_key(|&(low, high)| (low, std::cmp::Reverse(high)));
        let mut clean: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for &(low, high) in ranges.iter() {
            match clean.last_mut() {
                Some(last) if low <= last.1 + 1 => last.1 = last.1.max(high),
                _ => clean.push((low, high)),
            }
        }
        *ranges = clean;
    }

    /// The complement of a clean class.
    #[must_use]
    pub fn negated(&self) -> Self {
        let mut class = Self::default();
        class.append_negated(self);
        class
    }

    /// Adds the other cases of all characters and cleans the class.
    #[must_use]
    pub fn folded(&self) -> Self {
        let mut class = Self::default();
        for &(low, high) in self.ranges() {
            class.append_folded(low, high);
        }
        class.clean();
        class
    }

    /// The identity that copies share.
    pub fn identity(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    pub fn contains(&self, c: u32) -> bool {
        self.0.iter().any(|&(low, high)| low <= c && c <= high)
    }

    /// Its only character, or the lower of two that differ only in case, with whether there are
    /// two.
    pub fn lone_char(&self) -> Option<(u32, bool)> {
        let (a, b) = match *self.0.as_slice() {
            [(low, high)] if low == high => return Some((low, false)),
            [(low, high)] if low + 1 == high => (low, high),
            [(low, same), (high, same_high)] if low == same && high == same_high => (low, high),
            _ => return None,
        };
        let are_cases = simple_fold(a) == b && simple_fold(b) == a;
        are_cases.then_some((a, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_and_negates() {
        let mut class = Class::new(&[(5, 9), (20, 30), (1, 4), (25, 26), (40, 40)]);
        class.clean();
        assert_eq!(class.ranges(), [(1, 9), (20, 30), (40, 40)]);
        assert_eq!(class.negated().ranges(), [(0, 0), (10, 19), (31, 39), (41, MAX_CHAR)]);
        assert_eq!(class.negated().negated(), class);
        assert_eq!(Class::default().negated().negated(), Class::default());
    }

    #[test]
    fn folds_to_every_case() {
        let folded = Class::new(&[(u32::from('j'), u32::from('k'))]).folded();
        let kelvin = 0x212a;
        assert_eq!(folded.ranges(), [(0x4a, 0x4b), (0x6a, 0x6b), (kelvin, kelvin)]);
    }

    #[test]
    fn knows_a_lone_char() {
        let lone = |ranges: &[(u32, u32)]| Class::new(ranges).lone_char();
        assert_eq!(lone(&[(0x61, 0x61)]), Some((0x61, false)));
        assert_eq!(lone(&[(0x41, 0x41), (0x61, 0x61)]), Some((0x41, true)));
        assert_eq!(lone(&[(0x100, 0x101)]), Some((0x100, true)));
        // The Kelvin sign is a third case of this letter.
        assert_eq!(lone(&[(0x4b, 0x4b), (0x6b, 0x6b)]), None);
        assert_eq!(lone(&[]), None);
    }
}
