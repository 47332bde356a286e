//! The value of a field or condition, the fields of a span, and how Go's `%v` formats them.
//!
//! `convert` converts and compares values.

use super::name::{Name, hash};
use crate::value::float_text::format_float;
pub use crate::value::float_text::with_digits_of;
use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

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
    /// A `float32` of msgpack, which Refinery can only format.
    Float32(f32),
    Text(String),
    List(Vec<Value>),
    Map(Fields),
    /// Another value that Refinery can only format, such as a date or an extension of msgpack.
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

    /// About how many bytes it needs in addition to its own.
    fn size(&self) -> usize {
        match self {
            Self::Text(text) | Self::Other(text) => text.len(),
            Self::List(items) => items.iter().map(|item| size_of::<Self>() + item.size()).sum(),
            Self::Map(fields) => fields.size(),
            _ => 0,
        }
    }

    /// Whether JSON can represent it: it contains no infinity, no NaN, no complex number and no time with a
    /// year outside of 0 to 9999.
    pub fn is_finite(&self) -> bool {
        match self {
            Self::Float(n) => n.is_finite(),
            Self::Float32(n) => n.is_finite(),
            Self::List(items) => items.iter().all(Self::is_finite),
            Self::Map(fields) => fields.is_finite(),
            Self::Other(text) => !(is_complex(text) || has_long_year(text)),
            _ => true,
        }
    }
}

/// Whether Go formats a complex number like this.
fn is_complex(text: &str) -> bool {
    text.starts_with('(') && text.ends_with("i)")
}

/// Whether Go formats a time with a year outside of 0 to 9999 like this.
fn has_long_year(text: &str) -> bool {
    let year = text.split_once(' ').and_then(|(date, _)| date.rsplitn(3, '-').nth(2));
    text.ends_with(" UTC") && year.is_some_and(|year| year.starts_with('-') || year.len() > 4)
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(n) | Self::Long(n) => n.fmt(f),
            Self::Uint(n) => n.fmt(f),
            Self::Float(n) => f.write_str(&format_float(*n)),
            Self::Float32(n) => f.write_str(&format_float(with_digits_of(*n))),
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

/// Names with their values; each name occurs once.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    names: Arc<Names>,
    /// In the order of the names.
    values: Vec<Value>,
    finite: bool,
}

/// The names of fields. Many spans have the same ones and share them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// By their bytes, because Refinery prints them in this order.
    sorted: Box<[Arc<str>]>,
    /// Their hashes, stored together so that a search touches one or two cache lines; none if there
    /// are few names.
    hashes: Box<[u32]>,
}

/// Up to this many names are compared without their hashes.
const FEW: usize = 8;

impl Names {
    /// Sorted names, without duplicates.
    fn new(sorted: Box<[Arc<str>]>) -> Self {
        let mut names = Self { sorted, hashes: Box::default() };
        if names.sorted.len() > FEW {
            names.hash();
        }
        names
    }

    fn hash(&mut self) {
        self.hashes = self.sorted.iter().map(|name| hash(name)).collect();
    }

    fn position(&self, name: &Name) -> Option<usize> {
        if self.hashes.is_empty() {
            return self.sorted.iter().position(|text| **text == *name.text);
        }
        let alike = self.hashes.iter().enumerate().filter(|(_, hash)| **hash == name.hash);
        let is_it = |at: &usize| self.sorted.get(*at).is_some_and(|text| **text == *name.text);
        alike.map(|(at, _)| at).find(is_it)
    }
}

impl Fields {
    /// The last of several values with the same name is used.
    pub fn new<N: Into<Arc<str>>>(pairs: impl IntoIterator<Item = (N, Value)>) -> Self {
        Self::sharing(pairs, &mut Arc::default())
    }

    /// The same. Shares the names of the last fields if it has the same ones, and sets them.
    pub fn sharing<N: Into<Arc<str>>>(
        pairs: impl IntoIterator<Item = (N, Value)>,
        last: &mut Arc<Names>,
    ) -> Self {
        let mut sorted: Vec<(Arc<str>, Value)> =
            pairs.into_iter().map(|(name, value)| (name.into(), value)).collect();
        sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
        sorted.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                std::mem::swap(&mut later.1, &mut earlier.1);
            }
            is_same
        });
        if !last.sorted.iter().eq(sorted.iter().map(|(name, _)| name)) {
            *last = Arc::new(Names::new(sorted.iter().map(|(name, _)| Arc::clone(name)).collect()));
        }
        let values = sorted.into_iter().map(|(_, value)| value).collect();
        Self::of_names(Arc::clone(last), values)
    }

    /// The values of names, in their order.
    pub fn of_names(names: Arc<Names>, values: Vec<Value>) -> Self {
        let finite = values.iter().all(Value::is_finite);
        Self { names, values, finite }
    }

    /// The names, for other fields that have the same.
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    /// The values in the order of the names, to be replaced by others that JSON can represent.
    pub fn values_mut(&mut self) -> &mut [Value] {
        &mut self.values
    }

    /// Whether other fields have the same names, of which the same are hidden.
    pub fn has_names_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.names, &other.names) || self.names == other.names
    }

    /// Hides these fields from lookups by name; they are still printed.
    pub fn hide(&mut self, names: &[String]) {
        let is_hidden = |name: &Arc<str>| names.iter().any(|n| **n == **name);
        if !self.names.sorted.iter().any(is_hidden) {
            return;
        }
        let own = Arc::make_mut(&mut self.names);
        if own.hashes.is_empty() {
            own.hash();
        }
        for (name, hash) in own.sorted.iter().zip(&mut own.hashes) {
            if is_hidden(name) {
                // No name has this hash.
                *hash = !*hash;
            }
        }
    }

    pub fn get(&self, name: &Name) -> Option<&Value> {
        self.values.get(self.names.position(name)?)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.names.sorted.iter().map(AsRef::as_ref).zip(&self.values)
    }

    /// About how many bytes they need.
    pub fn size(&self) -> usize {
        let values = self.values.iter().map(|value| size_of::<(Arc<str>, Value)>() + value.size());
        size_of::<Self>() + values.sum::<usize>()
    }

    /// Whether JSON can represent all values.
    pub(super) fn is_finite(&self) -> bool {
        self.finite
    }
}

/// Finds a field in many spans. Most have the same names as the span before them.
#[derive(Debug)]
pub struct Lookup<'l> {
    name: &'l Name,
    /// The names of the last span, and the place of the field among them.
    last: Option<(&'l Arc<Names>, Option<usize>)>,
}

impl<'l> Lookup<'l> {
    pub fn new(name: &'l Name) -> Self {
        Self { name, last: None }
    }

    pub fn get(&mut self, fields: &'l Fields) -> Option<&'l Value> {
        let place = match self.last {
            Some((names, place)) if Arc::ptr_eq(names, &fields.names) => place,
            _ => {
                let place = fields.names.position(self.name);
                self.last = Some((&fields.names, place));
                place
            }
        };
        fields.values.get(place?)
    }
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
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
            (Value::Float32(0.1), "0.1"),
            (Value::Map(map), "map[a:x y b:[1 <nil>]]"),
            (Value::List(Vec::new()), "[]"),
        ] {
            assert_eq!(value.text(), text);
            assert_eq!(value.to_string(), text);
        }
    }

    #[test]
    fn the_last_value_is_used() {
        let pairs = [("b", 1), ("a", 2), ("b", 3)].map(|(n, v)| (n.to_owned(), Value::Int(v)));
        let fields = Fields::new(pairs);
        assert_eq!(fields.get(&Name::new("b")), Some(&Value::Int(3)));
        assert_eq!(fields.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(fields.get(&Name::new("")), None);
    }

    #[test]
    fn distinguishes_names_with_equal_hashes() {
        let twins = ["costarring", "liquid"].map(Name::new);
        assert_eq!(twins[0].hash, twins[1].hash);
        let others = (0..FEW).map(|n| (format!("f{n}"), Value::Null));
        let fields = Fields::new(others.chain([("liquid".to_owned(), Value::Int(1))]));
        assert_eq!(twins.map(|name| fields.get(&name).is_some()), [false, true]);
    }

    #[test]
    fn spans_of_other_names_are_looked_up_again() {
        let of = |names: &[&str]| {
            Fields::new(names.iter().map(|&name| (name, Value::Text(name.to_owned()))))
        };
        let (one, other, without) = (of(&["a", "b"]), of(&["b", "c"]), of(&["c"]));
        let name = Name::new("b");
        let mut lookup = Lookup::new(&name);
        for span in [&one, &one, &other, &without, &other, &one] {
            assert_eq!(lookup.get(span), span.get(&name));
        }
    }

    #[test]
    fn hidden_fields_are_printed_but_not_found() {
        let mut fields = Fields::new(["a", "b"].map(|n| (n.to_owned(), Value::Int(1))));
        fields.hide(&["b".to_owned(), "c".to_owned()]);
        assert_eq!(["a", "b"].map(|n| fields.get(&Name::new(n)).is_some()), [true, false]);
        assert_eq!(fields.iter().count(), 2);
    }

    #[test]
    fn finds_values_that_json_cannot_represent() {
        let of = |value| Fields::new([("x".to_owned(), Value::List(vec![value]))]);
        assert!(of(Value::Float(1.0)).is_finite());
        assert!(!of(Value::Float(f64::NAN)).is_finite());
        assert!(of(Value::Float32(1.0)).is_finite());
        assert!(!of(Value::Float32(f32::NAN)).is_finite());
        for (text, expected) in [
            ("(1+2i)", false),
            ("&{[1 2] 7}", true),
            ("2024-02-29 00:00:00 +0000 UTC", true),
            ("9999-12-31 23:59:59 +0000 UTC", true),
            ("10000-01-01 00:00:00 +0000 UTC", false),
            ("-001-01-01 00:00:00 +0000 UTC", false),
        ] {
            assert_eq!(of(Value::Other(text.to_owned())).is_finite(), expected, "{text}");
        }
        assert!(
            !Fields::new([("y".to_owned(), Value::Map(of(Value::Float(f64::INFINITY))))])
                .is_finite()
        );
    }
}
