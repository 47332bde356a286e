//! Generic values: mappings, lists and scalars, as Refinery's reader passes them to its validator.
//!
//! Must not know keys or their types: `schema` does.

use crate::span::Span;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub value: Value,
    /// `None` for values that are not from a file: defaults, flags, variables.
    pub span: Option<Span>,
    /// The spelling of a plain scalar that is not a string (`0x10`, `1_000`), the YAML indicator of an
    /// empty value (`>`, `!=`), or `[` for a TOML table that is only a header; else empty.
    pub raw: String,
    /// Environment variables with unknown values that the value depends on.
    pub unknown: Vec<String>,
}

/// The kinds of values that Refinery's validator distinguishes.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer from TOML: an `int64`, which the validator does not accept as `int`.
    Long(i64),
    /// Beyond 2^63 − 1.
    Unsigned(u64),
    Float(f64),
    Time,
    Text(String),
    List(Vec<Item>),
    Map(Vec<Entry>),
    /// A mapping with a key that is not a string, which the validator cannot inspect.
    Mixed(Vec<(Item, Item)>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    pub key_span: Option<Span>,
    pub item: Item,
}

impl Item {
    /// The place to point at: the first key of a mapping, the opening character of another collection,
    /// or the whole of a scalar.
    pub fn beginning(&self) -> Option<Span> {
        let span = self.span?;
        let first = match &self.value {
            Value::Map(entries) => entries.first().and_then(|entry| entry.key_span),
            Value::Mixed(pairs) => pairs.first().and_then(|(key, _)| key.span),
            Value::List(_) => None,
            _ => return Some(span),
        };
        let begins_it = |key: &Span| (key.file, key.start) == (span.file, span.start);
        Some(first.filter(begins_it).unwrap_or(Span { end: span.end.min(span.start + 1), ..span }))
    }

    pub fn new(value: Value, span: Option<Span>) -> Self {
        Self { value, span, raw: String::new(), unknown: Vec::new() }
    }

    /// Shifts all places by the offset of an embedded text in its file.
    #[must_use]
    pub fn moved(mut self, by: usize) -> Self {
        if by > 0 {
            self.each_place(&mut |place| *place = place.map(|span| span.moved(by)));
        }
        self
    }

    /// Maps all places, such as those in an embedded text to its file.
    #[must_use]
    pub fn relocated(mut self, map: &dyn Fn(Span) -> Span) -> Self {
        self.each_place(&mut |place| *place = place.map(map));
        self
    }

    fn each_place(&mut self, change: &mut impl FnMut(&mut Option<Span>)) {
        change(&mut self.span);
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.each_place(change)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| {
                change(&mut entry.key_span);
                entry.item.each_place(change);
            }),
            Value::Mixed(pairs) => pairs.iter_mut().for_each(|(key, item)| {
                key.each_place(change);
                item.each_place(change);
            }),
            _ => {}
        }
    }

    /// Whether this is a TOML table without content, such as `[a]`, and not `a = {}`.
    pub fn is_empty_header(&self) -> bool {
        self.raw == "[" && matches!(self.value, Value::Map(_))
    }

    /// Whether this is a TOML table in braces, such as `a = {}`.
    pub fn is_inline_table(&self) -> bool {
        self.raw == "{" && matches!(self.value, Value::Map(_))
    }

    /// The entries of a mapping whose keys are all strings.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Whether the predicate holds for the value or any value inside it.
    pub fn any(&self, holds: &impl Fn(&Self) -> bool) -> bool {
        holds(self)
            || match &self.value {
                Value::List(items) => items.iter().any(|item| item.any(holds)),
                Value::Map(entries) => entries.iter().any(|entry| entry.item.any(holds)),
                Value::Mixed(pairs) => pairs.iter().any(|(_, item)| item.any(holds)),
                _ => false,
            }
    }

    pub fn entries_mut(&mut self) -> &mut [Entry] {
        self.value.as_entries_mut().map_or(&mut [], Vec::as_mut_slice)
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entry with the given key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|e| e.key == key)
    }

    pub fn get(&self, key: &str) -> Option<&Item> {
        self.entry(key).map(|e| &e.item)
    }
}

impl Value {
    pub fn as_entries_mut(&mut self) -> Option<&mut Vec<Entry>> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The name of the type, for messages.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Null => "empty",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Long(_) => "an integer",
            Self::Unsigned(_) => "an integer beyond 2^63",
            Self::Float(_) => "a number with a fraction or exponent",
            Self::Time => "a date",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
            Self::Mixed(_) => "a mapping with a key that is not a string",
        }
    }
}
