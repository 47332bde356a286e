//! The value of a field or condition, and how Go's `%v` formats it.
//!
//! `convert` converts and compares values.

use super::fields::Fields;
use crate::value::float_text::format_float;
use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

/// The value of a field, or of a condition.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    /// An integer field, or an `int` of a condition.
    Int(i64),
    /// An `int64` of a condition, which `in` does not support.
    Long(i64),
    /// A `uint64`, which Refinery does not compare with numbers.
    Uint(u64),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    Map(Fields),
    /// A value that Refinery can only format, such as a date.
    Other(String),
}

impl Value {
    /// Formatted with `%v`, without copying strings and words.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) | Self::Other(text) => Cow::Borrowed(text),
            Self::Null => Cow::Borrowed("<nil>"),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            other => Cow::Owned(other.to_string()),
        }
    }

    /// Whether JSON can represent it: it contains neither an infinity nor NaN.
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

/// Formats items between an opening and `]`, separated by spaces.
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
    fn formats_like_go() {
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
