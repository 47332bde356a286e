//! A field's or a condition's value, and how Go's `%v` prints it.
//!
//! Holds the types that survive the engine's ingest and its rules file. Must not convert or compare
//! them: `convert` does.

use super::fields::Fields;
use crate::value::float_text::format_float;
use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

/// What a field holds, or what a condition compares it with.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    /// A field's whole number, or the `int` of a condition.
    Int(i64),
    /// A condition's whole number that the engine holds as `int64`, which `in` does not take.
    Long(i64),
    /// Held as `uint64`, which no number of the engine's is compared with.
    Uint(u64),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Map(Fields),
    /// What the engine can only print: a date, say.
    Other(String),
}

impl Value {
    /// As `%v` prints it, without a copy where it is text or a word.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) | Self::Other(text) => Cow::Borrowed(text),
            Self::Null => Cow::Borrowed("<nil>"),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            other => Cow::Owned(other.to_string()),
        }
    }

    /// Whether JSON can say it: there is no infinity and no NaN in it.
    pub fn is_finite(&self) -> bool {
        match self {
            Self::Float(n) => n.is_finite(),
            Self::List(items) => items.iter().all(Self::is_finite),
            Self::Map(fields) => fields.is_finite(),
            _ => true,
        }
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(n) | Self::Long(n) => n.fmt(f),
            Self::Uint(n) => n.fmt(f),
            Self::Float(n) => f.write_str(&format_float(*n)),
            Self::List(items) => bracketed(f, "[", items, |f, item| item.fmt(f)),
            Self::Map(fields) => {
                bracketed(f, "map[", fields.iter(), |f, (name, value)| write!(f, "{name}:{value}"))
            }
            word => f.write_str(&word.text()),
        }
    }
}

/// Parts between an opening and `]`, with a space between each two.
fn bracketed<T>(
    f: &mut Formatter<'_>,
    open: &str,
    parts: impl IntoIterator<Item = T>,
    print: impl Fn(&mut Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    f.write_str(open)?;
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            f.write_str(" ")?;
        }
        print(f, part)?;
    }
    f.write_str("]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_go() {
        let map = Fields::new([
            ("b".to_owned(), Value::List(vec![Value::Float(1.0), Value::Null])),
            ("a".to_owned(), Value::Text("x y".to_owned())),
        ]);
        for (value, text) in [
            (Value::Null, "<nil>"),
            (Value::Bool(true), "true"),
            (Value::Int(-3), "-3"),
            (Value::Uint(u64::MAX), "18446744073709551615"),
            (Value::Float(1_000_000.0), "1e+06"),
            (Value::Float(0.5), "0.5"),
            (Value::Map(map), "map[a:x y b:[1 <nil>]]"),
            (Value::List(Vec::new()), "[]"),
        ] {
            assert_eq!(value.text(), text);
            assert_eq!(value.to_string(), text);
        }
    }
}
