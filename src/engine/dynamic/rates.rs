//! Distributes a goal of events among keys by the logarithm of their counts.

use super::log10::log10;
use crate::engine::convert::truncate;
use std::collections::HashMap;

/// Rates by key.
pub type Rates = HashMap<Box<str>, i64>;

/// Go's maximum of 1 and a number: NaN stays NaN.
pub fn at_least_one(n: f64) -> f64 {
    if n.is_nan() || n > 1.0 { n } else { 1.0 }
}

/// The rate of each key. What a key does not use of its share goes to the following keys, in the
/// order of names: `counts` must be sorted.
pub fn share_out(goal_ratio: f64, counts: &[(Box<str>, f64)]) -> Rates {
    let mut extra = 0.0;
    let mut rates = Rates::with_capacity(counts.len());
    for (index, (key, count)) in counts.iter().enumerate() {
        let count = at_least_one(*count);
        let share = extra / remaining(counts.len() - index);
        let goal = at_least_one(log10(count) * goal_ratio) + share;
        extra -= share;
        let rate = rate_for(count, goal);
        extra += unused(count, goal, rate);
        rates.insert(key.clone(), rate);
    }
    rates
}

#[expect(clippy::cast_precision_loss, reason = "there are never that many keys")]
fn remaining(keys: usize) -> f64 {
    keys as f64
}

fn rate_for(count: f64, goal: f64) -> i64 {
    let rate = (count / goal).ceil();
    if count <= goal || rate.is_nan() { 1 } else { truncate(rate) }
}

#[expect(clippy::cast_precision_loss, reason = "Refinery converts the same way")]
fn unused(count: f64, goal: f64, rate: i64) -> f64 {
    if count <= goal { goal - count } else { goal - count / rate as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(goal_ratio: f64, counts: &[(&str, f64)]) -> Vec<i64> {
        let counts: Vec<_> = counts.iter().map(|(key, n)| (Box::from(*key), *n)).collect();
        let rates = share_out(goal_ratio, &counts);
        counts.iter().map(|(key, _)| rates[key]).collect()
    }

    #[test]
    fn shares_by_logarithm_and_passes_on_the_rest() {
        assert_eq!(rates(10.0, &[("a", 1000.0), ("b", 100.0), ("c", 10.0)]), [34, 5, 1]);
        // The first needs less than its share, so the second gets more.
        assert_eq!(rates(20.0, &[("a", 10.0), ("b", 100.0)]), [1, 2]);
        assert_eq!(rates(20.0, &[("b", 100.0), ("a", 10.0)]), [3, 1]);
    }

    #[test]
    fn counts_of_one_are_kept_whatever_the_ratio() {
        for ratio in [f64::INFINITY, f64::NAN, 0.0, -1.0] {
            assert_eq!(rates(ratio, &[("a", 1.0), ("b", 0.5)]), [1, 1]);
        }
    }
}
