//! Numbers that satisfy numeric conditions: ranges, complete for `i64` and `f64`.
//!
//! Within a range, no such condition changes its result.

use super::Literal;
use crate::engine::Value;
use crate::engine::convert::truncate;
use crate::engine::predicate::{List, Predicate};

/// The lowest `f64` above all `i64`.
const BEYOND: f64 = 9_223_372_036_854_775_808.0;

/// Whether the result of a predicate depends on more than the order of the number.
pub fn reads_text(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::Text(..)
        | Predicate::Bool { .. }
        | Predicate::StartsWith(_)
        | Predicate::Contains(_)
        | Predicate::DoesNotContain(_)
        | Predicate::In(List::Text(_))
        | Predicate::NotIn(List::Text(_))
        | Predicate::Matches(_) => true,
        Predicate::Never
        | Predicate::Exists
        | Predicate::NotExists
        | Predicate::Untyped(..)
        | Predicate::Int(..)
        | Predicate::Float(..)
        | Predicate::In(List::Int(_) | List::Float(_))
        | Predicate::NotIn(List::Int(_) | List::Float(_)) => false,
    }
}

/// Inclusive ranges of integers for which all numeric literals are true.
pub fn ints(literals: &[Literal]) -> Vec<(i64, i64)> {
    let mut starts = vec![i64::MIN];
    for bound in bounds(literals) {
        match bound {
            Bound::Int(n) => starts.extend([Some(n), n.checked_add(1)].into_iter().flatten()),
            Bound::Float(n) => {
                starts.extend(first_int(|i| to_float(i) >= n));
                starts.extend(first_int(|i| to_float(i) > n));
            }
        }
    }
    ranges(starts, i64::MAX, |n| n.checked_sub(1), |n| holds(literals, &Value::Int(n)))
}

/// Ranges of floats, including infinities but not NaN.
pub fn floats(literals: &[Literal]) -> Vec<(f64, f64)> {
    let mut starts = vec![key(f64::NEG_INFINITY), key(-BEYOND), key(BEYOND)];
    for bound in bounds(literals) {
        match bound {
            Bound::Int(n) => {
                let is_within = |x: f64| x >= -BEYOND;
                starts.extend(first_float(|x| is_within(x) && (x >= BEYOND || truncate(x) >= n)));
                starts.extend(first_float(|x| is_within(x) && (x >= BEYOND || truncate(x) > n)));
                starts.extend(around_float(to_float(n)));
            }
            Bound::Float(n) => starts.extend(around_float(n)),
        }
    }
    let last = key(f64::INFINITY);
    let keys =
        ranges(starts, last, |k| k.checked_sub(1), |k| holds(literals, &Value::Float(from_key(k))));
    keys.into_iter().map(|(low, high)| (from_key(low), from_key(high))).collect()
}

/// Whether all literals that do not read strings are true.
pub fn holds(literals: &[Literal], value: &Value) -> bool {
    let mut of_numbers = literals.iter().filter(|literal| !reads_text(literal.predicate));
    of_numbers.all(|literal| literal.holds(value))
}

/// A number in a predicate.
enum Bound {
    Int(i64),
    Float(f64),
}

fn bounds<'l>(literals: &'l [Literal]) -> impl Iterator<Item = Bound> + use<'l> {
    let all = literals.iter().flat_map(|literal| match literal.predicate {
        Predicate::Untyped(_, Value::Int(n) | Value::Long(n)) | Predicate::Int(_, n) => {
            vec![Bound::Int(*n)]
        }
        Predicate::Untyped(_, Value::Float(n)) | Predicate::Float(_, n) => vec![Bound::Float(*n)],
        Predicate::In(List::Int(list)) | Predicate::NotIn(List::Int(list)) => {
            list.iter().map(|n| Bound::Int(*n)).collect()
        }
        Predicate::In(List::Float(list)) | Predicate::NotIn(List::Float(list)) => {
            list.iter().map(|n| Bound::Float(*n)).collect()
        }
        _ => Vec::new(),
    });
    // No result changes at NaN.
    all.filter(|bound| !matches!(bound, Bound::Float(n) if n.is_nan()))
}

/// The ranges between starts, tested by their first number; adjacent ones are merged.
fn ranges(
    mut starts: Vec<i64>,
    last: i64,
    before: impl Fn(i64) -> Option<i64>,
    holds: impl Fn(i64) -> bool,
) -> Vec<(i64, i64)> {
    starts.retain(|start| *start <= last);
    starts.sort_unstable();
    starts.dedup();
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for (at, &low) in starts.iter().enumerate() {
        let high = starts.get(at + 1).and_then(|next| before(*next)).unwrap_or(last);
        match ranges.last_mut() {
            _ if !holds(low) => {}
            Some(range) if before(low) == Some(range.1) => range.1 = high,
            _ => ranges.push((low, high)),
        }
    }
    ranges
}

/// The lowest integer from which on this is true.
fn first_int(holds: impl Fn(i64) -> bool) -> Option<i64> {
    first(i64::MIN, i64::MAX, holds)
}

/// The keys of the lowest floats that are not below a number, and that are above it.
fn around_float(n: f64) -> [i64; 2] {
    // Both zeros are equal.
    let (low, high) = if n == 0.0 { (key(-0.0), key(0.0)) } else { (key(n), key(n)) };
    [low, high.saturating_add(1)]
}

/// The key of the lowest number from which on this is true.
fn first_float(holds: impl Fn(f64) -> bool) -> Option<i64> {
    first(key(f64::NEG_INFINITY), key(f64::INFINITY), |k| holds(from_key(k)))
}

fn first(mut low: i64, mut high: i64, holds: impl Fn(i64) -> bool) -> Option<i64> {
    if !holds(high) {
        return None;
    }
    while low < high {
        let middle = low.midpoint(high);
        // Rounds towards zero if the sum is negative.
        let middle = if middle >= high { high - 1 } else { middle };
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    Some(low)
}

#[expect(clippy::cast_precision_loss, reason = "Refinery converts the same way")]
fn to_float(n: i64) -> f64 {
    n as f64
}

/// Maps floats to integers in the same order; zero has two.
fn key(n: f64) -> i64 {
    let bits = n.to_bits().cast_signed();
    if bits < 0 { i64::MIN.wrapping_sub(bits).wrapping_sub(1) } else { bits }
}

fn from_key(key: i64) -> f64 {
    let bits = if key < 0 { i64::MIN.wrapping_sub(key.wrapping_add(1)) } else { key };
    f64::from_bits(bits.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::predicate::Relation;

    #[test]
    fn floats_are_ordered_by_their_keys() {
        let all = [f64::MIN, -5.5, -1e-320, -0.0, 0.0, 1e-320, 5.5, f64::MAX];
        for n in all.into_iter().chain([f64::NEG_INFINITY]) {
            let searched = [first_float(|x| x >= n), first_float(|x| x > n)];
            assert_eq!(searched, around_float(n).map(Some), "{n}");
        }
        // Nothing is above it.
        let last = key(f64::INFINITY);
        assert_eq!(around_float(f64::INFINITY), [last, last + 1]);
    }

    #[test]
    fn some_predicates_depend_on_more_than_the_order() {
        let word = || "1".to_owned();
        let texts = || List::Text([word()].into_iter().collect());
        let ints = || List::Int([1].into_iter().collect());
        let pattern = crate::engine::regexp::Regexp::new("1").unwrap();
        for (predicate, answer) in [
            (Predicate::Text(Relation::Less, word()), true),
            (Predicate::Bool { equal: true, wanted: false }, true),
            (Predicate::StartsWith(word()), true),
            (Predicate::Contains(word()), true),
            (Predicate::DoesNotContain(word()), true),
            (Predicate::In(texts()), true),
            (Predicate::NotIn(texts()), true),
            (Predicate::Matches(pattern.into()), true),
            (Predicate::Never, false),
            (Predicate::Exists, false),
            (Predicate::NotExists, false),
            (Predicate::Untyped(Relation::Less, Value::Int(1)), false),
            (Predicate::Untyped(Relation::Less, Value::Text(word())), false),
            (Predicate::Int(Relation::Less, 1), false),
            (Predicate::Float(Relation::Less, 1.0), false),
            (Predicate::In(ints()), false),
            (Predicate::NotIn(ints()), false),
            (Predicate::In(List::Float(vec![1.0])), false),
            (Predicate::NotIn(List::Float(vec![1.0])), false),
        ] {
            assert_eq!(reads_text(&predicate), answer, "{predicate:?}");
        }
    }

    #[test]
    fn keys_keep_the_order_of_numbers() {
        let numbers =
            [f64::NEG_INFINITY, -1e300, -1.5, -1.0, -f64::MIN_POSITIVE, -0.0, 0.0, 1.0, 2e19];
        for pair in numbers.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        for n in numbers {
            assert_eq!(from_key(key(n)).to_bits(), n.to_bits());
            // Zero has two keys.
            assert!(n == 0.0 || from_key(key(n) + 1).to_bits() == n.next_up().to_bits(), "{n}");
        }
        assert_eq!(first(-7, 9, |n| n >= -3), Some(-3));
        assert_eq!(first(i64::MIN, i64::MAX, |n| n > i64::MIN), Some(i64::MIN + 1));
        assert_eq!(first(0, 9, |_| false), None);
    }

    #[test]
    fn ranges_end_where_answers_change() {
        let ints_of =
            |predicate: Predicate| ints(&[Literal { predicate: &predicate, answer: true }]);
        let floats_of =
            |predicate: Predicate| floats(&[Literal { predicate: &predicate, answer: true }]);
        let above = Predicate::Int(Relation::Greater, 5);
        assert_eq!(ints_of(above.clone()), [(6, i64::MAX)]);
        assert_eq!(floats_of(above), [(6.0, BEYOND.next_down())]);
        assert_eq!(
            floats_of(Predicate::Int(Relation::Equal, 0)),
            [((-1.0_f64).next_up(), 1.0_f64.next_down())]
        );
        let least = Predicate::Int(Relation::Equal, i64::MIN);
        assert_eq!(floats_of(least), [(f64::NEG_INFINITY, -BEYOND), (BEYOND, f64::INFINITY)]);
        assert_eq!(
            floats_of(Predicate::Int(Relation::Less, 5)),
            [(f64::NEG_INFINITY, 5.0_f64.next_down()), (BEYOND, f64::INFINITY)]
        );
        assert_eq!(
            floats_of(Predicate::Float(Relation::NotEqual, 5.0)),
            [(f64::NEG_INFINITY, 5.0_f64.next_down()), (5.0_f64.next_up(), f64::INFINITY)]
        );
        let rounded = Predicate::Untyped(Relation::GreaterOrEqual, Value::Int((1 << 53) + 1));
        assert_eq!(floats_of(rounded), [(9_007_199_254_740_992.0, f64::INFINITY)]);
        // From 2⁵³ on, neighbours are the same number.
        let shared = Predicate::Float(Relation::Equal, 9_007_199_254_740_992.0);
        assert_eq!(ints_of(shared), [(9_007_199_254_740_992, 9_007_199_254_740_993)]);
        assert_eq!(ints_of(Predicate::Untyped(Relation::Less, Value::Float(f64::NAN))), []);
        assert_eq!(
            ints_of(Predicate::Untyped(Relation::Equal, Value::Float(f64::NAN))),
            [(i64::MIN, i64::MAX)]
        );
    }
}
