//! The fields of many spans, equal ones stored once: samplers read few fields, and most of these have few
//! values.

use crate::engine::{Fields, Value};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

/// Distinct fields, by their numbers.
#[derive(Default)]
pub struct DistinctFields {
    all: Vec<Fields>,
    /// The numbers of fields with this hash.
    by_hash: HashMap<u64, Vec<u32>, RandomState>,
    hasher: RandomState,
}

impl DistinctFields {
    /// The number of these fields, and whether they are new.
    pub fn add(&mut self, fields: Fields) -> (u32, bool) {
        let mut hasher = self.hasher.build_hasher();
        for (name, value) in fields.iter() {
            name.hash(&mut hasher);
            hash(value, &mut hasher);
        }
        let alike = self.by_hash.entry(hasher.finish()).or_default();
        let is_it = |number: &&u32| {
            let known = self.all.get(**number as usize);
            known.is_some_and(|known| is_identical(known, &fields))
        };
        if let Some(number) = alike.iter().find(is_it) {
            return (*number, false);
        }
        // Memory ends long before the numbers do.
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        alike.push(number);
        self.all.push(fields);
        (number, true)
    }

    pub fn get(&self, number: u32) -> Fields {
        self.all.get(number as usize).cloned().unwrap_or_default()
    }
}

fn hash(value: &Value, hasher: &mut impl Hasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Null => {}
        Value::Bool(value) => value.hash(hasher),
        Value::Int(number) | Value::Long(number) => number.hash(hasher),
        Value::Uint(number) => number.hash(hasher),
        Value::Float(number) => number.to_bits().hash(hasher),
        Value::Float32(number) => number.to_bits().hash(hasher),
        Value::Text(text) | Value::Other(text) => text.hash(hasher),
        Value::List(items) => items.iter().for_each(|item| hash(item, hasher)),
        Value::Map(fields) => {
            for (name, value) in fields.iter() {
                name.hash(hasher);
                hash(value, hasher);
            }
        }
    }
}

/// Whether nothing distinguishes fields: `0` and `-0` are equal, but print differently.
fn is_identical(one: &Fields, other: &Fields) -> bool {
    one.has_names_of(other)
        && one.iter().zip(other.iter()).all(|((_, one), (_, other))| is_same(one, other))
}

fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one.to_bits() == other.to_bits(),
        (Value::Float32(one), Value::Float32(other)) => one.to_bits() == other.to_bits(),
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => is_identical(one, other),
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_identical_fields_share_a_number() {
        let of = |value: Value| Fields::new([("a", value)]);
        let mut distinct = DistinctFields::default();
        let values = [
            Value::Int(1),
            Value::Float(0.0),
            Value::Float(-0.0),
            Value::Float(f64::NAN),
            Value::Text("1".to_owned()),
            Value::List(vec![Value::Float(0.0)]),
            Value::List(vec![Value::Float(-0.0)]),
            Value::Map(of(Value::Null)),
        ];
        let numbers = values.clone().map(|value| distinct.add(of(value)));
        assert_eq!(numbers.map(|(number, _)| number), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(values.map(|value| distinct.add(of(value)).1), [false; 8]);
        assert!(distinct.add(Fields::new([("b", Value::Int(1))])).1);
        let mut hidden = of(Value::Int(1));
        hidden.hide(&["a".to_owned()]);
        assert!(distinct.add(hidden).1, "it is not found by its name");
        assert_eq!(distinct.get(0), of(Value::Int(1)));
    }
}
