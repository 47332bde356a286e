//! Converts values to numbers and booleans and compares them without a type, like Refinery's
//! conditions.

use super::value::Value;
use crate::value::number::{atoi, parse_bool};
use crate::value::parse_float;
use std::cmp::Ordering;

/// Converts to an integer. Truncates fractions; strings must be decimal integers.
pub fn to_int(value: &Value) -> Option<i64> {
    match value {
        Value::Int(n) | Value::Long(n) => Some(*n),
        Value::Float(n) => Some(truncate(*n)),
        Value::Text(text) => atoi(text).ok(),
        _ => None,
    }
}

/// Converts to a float; strings may be any number that Go parses.
#[expect(clippy::cast_precision_loss, reason = "Refinery converts the same way")]
pub fn to_float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(n) => Some(*n),
        Value::Int(n) | Value::Long(n) => Some(*n as f64),
        Value::Text(text) => parse_float(text).ok(),
        _ => None,
    }
}

/// Converts to a boolean: true if the value formats as one of Go's words for it.
pub fn to_bool(value: &Value) -> bool {
    parse_bool(&value.text()).unwrap_or(false)
}

/// Go's `int(n)` on x86-64: everything that does not fit is the lowest integer.
#[expect(clippy::cast_possible_truncation, reason = "it is checked before")]
pub fn truncate(n: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&n) { n as i64 } else { i64::MIN }
}

/// Compares a field with a condition's value without a type. Numbers compare with numbers, strings
/// with strings and booleans with booleans; other pairs have no order. NaN equals every number.
#[expect(clippy::cast_precision_loss, reason = "Refinery converts the same way")]
pub fn compare(field: &Value, wanted: &Value) -> Option<Ordering> {
    let floats = |a: f64, b: f64| Some(a.partial_cmp(&b).unwrap_or(Ordering::Equal));
    match (field, wanted) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Null, _) => Some(Ordering::Less),
        (_, Value::Null) => Some(Ordering::Greater),
        (Value::Int(a), Value::Int(b) | Value::Long(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Float(b)) => floats(*a as f64, *b),
        (Value::Float(a), Value::Int(b) | Value::Long(b)) => floats(*a, *b as f64),
        (Value::Float(a), Value::Float(b)) => floats(*a, *b),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn converts_to_integers() {
        for (value, number) in [
            (Value::Float(1.9), Some(1)),
            (Value::Float(-1.9), Some(-1)),
            (Value::Float(1e21), Some(i64::MIN)),
            (Value::Float(f64::NAN), Some(i64::MIN)),
            (Value::Int(7), Some(7)),
            (text("-07"), Some(-7)),
            (text("5.0"), None),
            (text("0x1"), None),
            (Value::Bool(true), None),
            (Value::Uint(1), None),
            (Value::Float32(1.0), None),
            (Value::Null, None),
        ] {
            assert_eq!(to_int(&value), number, "{value:?}");
        }
    }

    #[test]
    fn converts_to_floats() {
        for (value, number) in [
            (Value::Int(5), Some(5.0)),
            (text("5e-1"), Some(0.5)),
            (text("1e999"), None),
            (text(""), None),
            (Value::Bool(false), None),
            (Value::Float32(5.0), None),
        ] {
            assert_eq!(to_float(&value), number, "{value:?}");
        }
    }

    #[test]
    fn converts_to_booleans() {
        for (value, truth) in [
            (Value::Bool(true), true),
            (Value::Int(1), true),
            (Value::Float(1.0), true),
            (text("T"), true),
            (text("yes"), false),
            (Value::Int(2), false),
            (Value::Null, false),
        ] {
            assert_eq!(to_bool(&value), truth, "{value:?}");
        }
    }

    #[test]
    fn only_compares_similar_types_without_a_datatype() {
        for (field, wanted, order) in [
            (Value::Int(200), text("200"), None),
            (Value::Bool(true), text("true"), None),
            (Value::Uint(1), Value::Int(1), None),
            (Value::Float32(1.0), Value::Float(1.0), None),
            (Value::Float32(1.0), Value::Null, Some(Ordering::Greater)),
            (Value::Int(5), Value::Float(5.0), Some(Ordering::Equal)),
            (Value::Float(4.5), Value::Long(5), Some(Ordering::Less)),
            (Value::Float(f64::NAN), Value::Float(1.0), Some(Ordering::Equal)),
            (Value::Null, Value::Int(0), Some(Ordering::Less)),
            (Value::Int(0), Value::Null, Some(Ordering::Greater)),
            (text("10"), text("9"), Some(Ordering::Less)),
            (Value::Bool(false), Value::Bool(true), Some(Ordering::Less)),
        ] {
            assert_eq!(compare(&field, &wanted), order, "{field:?} {wanted:?}");
        }
    }
}
