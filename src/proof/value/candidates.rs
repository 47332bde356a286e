//! Values that are likely to give the required results: those in the conditions, and their
//! neighbours.
//!
//! They include values of all types without ranges, which need no other search.

use super::{Domain, Literal};
use crate::engine::predicate::{List, Predicate};
use crate::engine::{Fields, Value};

/// In the order in which they are tried: common values first.
pub fn of<'l, 'p: 'l>(
    domain: Domain,
    literals: impl Iterator<Item = &'l Literal<'p>> + 'l,
) -> Box<dyn Iterator<Item = Value> + 'l> {
    let named = literals.flat_map(|literal| named(literal.predicate));
    match domain {
        Domain::Field | Domain::Common => Box::new(named.chain(others())),
        Domain::Nested => {
            let texts = named.map(|value| Value::Text(value.text().into_owned()));
            Box::new(texts.chain(["other", ""].map(text)))
        }
        Domain::Count(least) => {
            let counts = std::iter::once(Value::Int(least)).chain(named);
            Box::new(counts.filter(move |value| matches!(value, Value::Int(n) if *n >= least)))
        }
    }
}

/// The values in a predicate; of long lists, the first few.
fn named(predicate: &Predicate) -> Vec<Value> {
    const MAX: usize = 8;
    let numbers = |list: &mut dyn Iterator<Item = f64>| list.take(MAX).flat_map(around).collect();
    match predicate {
        Predicate::Untyped(_, value) => of_value(value),
        Predicate::Text(_, wanted) => vec![text(wanted)],
        Predicate::StartsWith(part) | Predicate::Contains(part) => vec![text(part)],
        Predicate::Int(_, n) => around_int(*n),
        Predicate::Float(_, n) => around(*n),
        Predicate::Bool { .. } => vec![Value::Bool(true), text("true"), Value::Bool(false)],
        Predicate::In(List::Text(texts)) | Predicate::NotIn(List::Text(texts)) => {
            let mut texts: Vec<&String> = texts.iter().collect();
            texts.sort_unstable();
            texts.into_iter().take(MAX).map(|wanted| text(wanted)).collect()
        }
        Predicate::In(List::Int(list)) | Predicate::NotIn(List::Int(list)) => {
            let mut list: Vec<i64> = list.iter().copied().collect();
            list.sort_unstable();
            list.into_iter().take(MAX).flat_map(around_int).collect()
        }
        Predicate::In(List::Float(list)) | Predicate::NotIn(List::Float(list)) => {
            numbers(&mut list.iter().copied())
        }
        _ => Vec::new(),
    }
}

fn of_value(value: &Value) -> Vec<Value> {
    match value {
        Value::Int(n) | Value::Long(n) => around_int(*n),
        Value::Float(n) => around(*n),
        Value::Other(_) => Vec::new(),
        other => vec![other.clone()],
    }
}

fn around_int(n: i64) -> Vec<Value> {
    let near = [Some(n), n.checked_add(1), n.checked_sub(1)];
    near.into_iter().flatten().map(Value::Int).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a candidate need not be exact")]
fn around(n: f64) -> Vec<Value> {
    let whole = [n.floor() as i64, n.ceil() as i64];
    let near = [n, n.next_up(), n.next_down(), n + 0.5, n - 0.5].map(Value::Float);
    whole.map(Value::Int).into_iter().chain(near).collect()
}

fn others() -> impl Iterator<Item = Value> {
    let common = [text("other"), Value::Int(1), Value::Int(0), Value::Float(0.5)];
    let rare = [
        Value::Bool(true),
        Value::Bool(false),
        text(""),
        Value::Null,
        Value::List(vec![text("other")]),
        Value::Map(Fields::default()),
        Value::Uint(u64::MAX),
        Value::Float(f64::INFINITY),
        Value::Float(f64::NEG_INFINITY),
        Value::Float(f64::NAN),
        Value::Float32(f32::INFINITY),
        Value::Float32(f32::NEG_INFINITY),
        Value::Float32(f32::NAN),
    ];
    common.into_iter().chain(rare)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
