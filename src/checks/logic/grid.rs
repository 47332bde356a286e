//! Values that stand for all values: what they cannot tell of two predicates, no value can.
//!
//! A predicate's answer changes only at the constants in it, so that each constant, what lies next to
//! it on either side, and one value of every other type are enough. Must not judge predicates.

use crate::engine::Value;
use crate::engine::predicate::{List, Predicate};

/// Whole numbers up to here are the same as numbers with a fraction.
const EXACT: f64 = 9_007_199_254_740_992.0;

const MOST_CONSTANTS: usize = 50;

/// What prints as true: the words of Go's.
const TRUE_WORDS: [&str; 6] = ["1", "t", "T", "true", "TRUE", "True"];

/// What of a value a predicate looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    /// Its type too.
    Raw,
    Int,
    Float,
    /// Its text, by equality, order or beginning.
    Text,
}

/// Values that a field may have for two predicates, where they look at the same.
pub fn grid(one: &Predicate, other: &Predicate) -> Option<Vec<Value>> {
    let axis = axis(one)?;
    if axis != self::axis(other)? {
        return None;
    }
    let constants = constants(one)?.into_iter().chain(constants(other)?);
    let mut values = others();
    for constant in constants {
        values.extend(neighbours(&constant)?);
    }
    Some(values)
}

/// Numbers that a count of spans may be.
pub fn counts(one: &Predicate, other: &Predicate) -> Option<Vec<Value>> {
    let is_text = |predicate| axis(predicate).is_none_or(|axis| axis == Axis::Text);
    if is_text(one) || is_text(other) {
        return None;
    }
    let values: Option<Vec<_>> =
        constants(one)?.iter().chain(&constants(other)?).map(neighbours).collect();
    let counts = values?.into_iter().flatten().chain([Value::Int(1)]);
    Some(counts.filter(|value| matches!(value, Value::Int(1..))).collect())
}

/// All values for which a predicate holds, as far as their texts go, where these are few.
pub fn texts(predicate: &Predicate) -> Option<Vec<Value>> {
    use crate::engine::predicate::Relation::Equal;
    match predicate {
        Predicate::Text(Equal, _)
        | Predicate::In(List::Text(_))
        | Predicate::Bool { equal: true, wanted: true }
        | Predicate::Bool { equal: false, wanted: false } => constants(predicate),
        _ => None,
    }
}

/// All values for which a predicate holds, where these are few.
pub fn exact(predicate: &Predicate) -> Option<Vec<Value>> {
    use crate::engine::predicate::Relation::Equal;
    match predicate {
        Predicate::Untyped(Equal, value @ (Value::Text(_) | Value::Bool(_))) => {
            Some(vec![value.clone()])
        }
        _ => None,
    }
}

/// Whether the text of a value is all that a predicate looks at.
pub fn reads_text(predicate: &Predicate) -> bool {
    use Predicate::{Contains, DoesNotContain, Matches};
    axis(predicate) == Some(Axis::Text)
        || matches!(predicate, Contains(_) | DoesNotContain(_) | Matches(_))
}

fn axis(predicate: &Predicate) -> Option<Axis> {
    match predicate {
        Predicate::Untyped(..) => Some(Axis::Raw),
        Predicate::Int(..) | Predicate::In(List::Int(_)) | Predicate::NotIn(List::Int(_)) => {
            Some(Axis::Int)
        }
        Predicate::Float(..) | Predicate::In(List::Float(_)) | Predicate::NotIn(List::Float(_)) => {
            Some(Axis::Float)
        }
        Predicate::Text(..)
        | Predicate::Bool { .. }
        | Predicate::StartsWith(_)
        | Predicate::In(List::Text(_))
        | Predicate::NotIn(List::Text(_)) => Some(Axis::Text),
        _ => None,
    }
}

/// The values at which a predicate's answer changes; none where they are not known, or too many.
fn constants(predicate: &Predicate) -> Option<Vec<Value>> {
    all_constants(predicate).filter(|constants| constants.len() <= MOST_CONSTANTS)
}

fn all_constants(predicate: &Predicate) -> Option<Vec<Value>> {
    let text = |text: &str| Value::Text(text.to_owned());
    Some(match predicate {
        Predicate::Untyped(_, value) => vec![value.clone()],
        Predicate::Int(_, n) => vec![Value::Int(*n)],
        Predicate::Float(_, n) => vec![Value::Float(*n)],
        Predicate::Text(_, wanted) => vec![text(wanted)],
        Predicate::Bool { .. } => TRUE_WORDS.map(text).to_vec(),
        Predicate::StartsWith(part) => {
            let end = end_of_prefix(part).map(Value::Text);
            end.into_iter().chain([text(part)]).collect()
        }
        Predicate::In(list) | Predicate::NotIn(list) => match list {
            List::Text(texts) => texts.iter().map(|t| text(t)).collect(),
            List::Int(numbers) => numbers.iter().map(|n| Value::Int(*n)).collect(),
            List::Float(numbers) => numbers.iter().map(|n| Value::Float(*n)).collect(),
        },
        _ => return None,
    })
}

/// A constant and what lies next to it; none where whole numbers and others drift apart.
fn neighbours(constant: &Value) -> Option<Vec<Value>> {
    Some(match constant {
        Value::Int(n) | Value::Long(n) => around(*n),
        Value::Float(n) if n.is_nan() => Vec::new(),
        Value::Float(n) => around_fraction(*n)?,
        // The text that comes next in the order of bytes has one more, the least.
        Value::Text(text) => vec![constant.clone(), Value::Text(format!("{text}\0"))],
        other => vec![other.clone()],
    })
}

#[expect(clippy::cast_precision_loss, reason = "what is lost is not used")]
fn around(n: i64) -> Vec<Value> {
    let whole = [n.checked_sub(1), Some(n), n.checked_add(1)].into_iter().flatten();
    let near = n as f64;
    let fractions = [near.next_down(), near, near.next_up()].map(Value::Float);
    whole.map(Value::Int).chain(fractions).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "it is checked before")]
fn around_fraction(n: f64) -> Option<Vec<Value>> {
    let fractions = [n.next_down(), n, n.next_up()].map(Value::Float);
    let is_exact = n.abs() < EXACT;
    let whole = [n.floor() - 1.0, n.floor(), n.ceil(), n.ceil() + 1.0];
    let whole = whole.into_iter().map(|n| Value::Int(n as i64));
    is_exact.then(|| fractions.into_iter().chain(whole).collect())
}

/// One value of every type, and those that are like no other.
fn others() -> Vec<Value> {
    vec![
        Value::Null,
        Value::Bool(false),
        Value::Bool(true),
        Value::Int(0),
        Value::Float(f64::NAN),
        Value::Float(f64::NEG_INFINITY),
        Value::Float(f64::INFINITY),
        Value::Float(-0.0),
        Value::Text(String::new()),
        Value::List(Vec::new()),
    ]
}

/// The least text after all that begin so.
fn end_of_prefix(prefix: &str) -> Option<String> {
    let mut before = prefix.to_owned();
    while let Some(last) = before.pop() {
        // Between the two lie numbers that are no characters.
        let next =
            if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            before.push(next);
            return Some(before);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_the_next_text_begins() {
        for (prefix, end) in [
            ("a", Some("b")),
            ("az", Some("a{")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("a\u{10ffff}", Some("b")),
            ("\u{10ffff}", None),
            ("", None),
        ] {
            assert_eq!(end_of_prefix(prefix).as_deref(), end, "{prefix:?}");
        }
    }

    #[test]
    fn great_fractions_have_no_neighbours() {
        assert!(neighbours(&Value::Float(EXACT)).is_none());
        assert_eq!(neighbours(&Value::Float(4.5)).unwrap().len(), 7);
        assert_eq!(neighbours(&Value::Int(i64::MAX)).unwrap().len(), 5);
    }
}
