//! Values as the engine's reader hands them to its validator: generic maps, lists and scalars.
//!
//! Holds the shape of a value and where it came from. Must not know keys or types (`schema`).

use crate::span::Span;

/// One value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub value: Value,
    /// `None` for what no file says: defaults, flags, variables.
    pub span: Option<Span>,
    /// How a plain scalar that is not text is written (`0x10`, `1_000`), and what of YAML makes a text
    /// empty (`>`, `!=`); empty otherwise.
    pub raw: String,
    /// Environment variables that the value hangs on and nobody knows.
    pub unknown: Vec<String>,
}

/// What a value is. The distinctions are those that the engine's validator can see.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number from TOML: 64 bits wide, and so no `int` to the validator.
    Long(i64),
    /// Beyond 2^63 − 1.
    Unsigned(u64),
    Float(f64),
    Time,
    Text(String),
    List(Vec<Item>),
    Map(Vec<Entry>),
    /// A mapping with a key that is not text: opaque to the validator.
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
    /// The place that stands for a value which may take many lines: a mapping's first key, or the
    /// sign that opens the collection. A scalar is its own.
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

    /// The same in a text that stands this far into the file.
    #[must_use]
    pub fn moved(mut self, by: usize) -> Self {
        if by > 0 {
            self.each_place(&mut |place| *place = place.map(|span| span.moved(by)));
        }
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

    /// The entries of a map with text keys alone.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Does it hold anywhere, in the value or below it?
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

    /// The text of a value that is text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a value that is a list.
    pub fn list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entry of that name.
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

    /// What a person would call it.
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
