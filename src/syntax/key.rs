//! Equality of mapping keys, as go-yaml decides it: by type and value.

use super::value::{Item, Value};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Null,
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    /// Compared by its bits; `-0.0` is stored as `0.0`.
    Float(u64),
    /// Compared by its spelling.
    Time(String),
    Text(String),
}

impl Key {
    /// `None` for values that are not equal to any other: NaN, lists and mappings.
    pub fn of(item: &Item) -> Option<Self> {
        Some(match &item.value {
            Value::Null => Self::Null,
            Value::Bool(b) => Self::Bool(*b),
            Value::Int(n) | Value::Long(n) => Self::Int(*n),
            Value::Unsigned(n) => Self::Unsigned(*n),
            Value::Float(n) if n.is_nan() => return None,
            Value::Float(n) => Self::Float((n + 0.0).to_bits()),
            Value::Time => Self::Time(item.raw.clone()),
            Value::Text(text) => Self::Text(text.clone()),
            Value::List(_) | Value::Map(_) | Value::Mixed(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_of_one_type_are_equal_keys() {
        let key = |value| Key::of(&Item::new(value, None));
        assert_eq!(key(Value::Float(0.0)), key(Value::Float(-0.0)));
        assert_ne!(key(Value::Int(1)), key(Value::Float(1.0)));
        assert_ne!(key(Value::Int(1)), key(Value::Text("1".to_owned())));
        assert_eq!(key(Value::Float(f64::NAN)), None);
    }
}
