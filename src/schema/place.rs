//! The place of a schema violation: its path, key and value, in the file and in the schema.
//!
//! Must not contain messages.

use super::Schema;
use super::key::Key;
use crate::diagnostic::Finding;
use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use std::cell::RefCell;
use std::collections::HashMap;

/// A value and its key.
pub struct Place<'s, 'i> {
    /// `Traces.SendDelay`, `Samplers.prod.RulesBasedSampler.Rules[0]`; empty for the whole file.
    pub path: String,
    pub key_span: Option<Span>,
    pub item: &'i Item,
    pub key: Key<'s>,
}

/// A file in which places are looked up. Large mappings are indexed, because each of their entries
/// may be invalid.
pub struct Places<'s, 'i> {
    schema: &'s Schema,
    item: &'i Item,
    /// The entries of mappings by name, by the addresses of the mappings.
    indexed: RefCell<HashMap<usize, HashMap<&'i str, &'i Entry>>>,
}

impl<'s, 'i> Places<'s, 'i> {
    pub fn new(schema: &'s Schema, item: &'i Item) -> Self {
        Self { schema, item, indexed: RefCell::default() }
    }

    fn entry(&self, item: &'i Item, name: &str) -> Option<&'i Entry> {
        /// Up to this many entries are compared with the name.
        const FEW: usize = 64;
        if item.entries().len() <= FEW {
            return item.entry(name);
        }
        let mut indexed = self.indexed.borrow_mut();
        let index = indexed.entry(std::ptr::from_ref(item).addr()).or_insert_with(|| {
            // The first of several entries with a name counts.
            item.entries().iter().rev().map(|entry| (entry.key.as_str(), entry)).collect()
        });
        index.get(name).copied()
    }
}

impl<'s, 'i> Place<'s, 'i> {
    /// Follows a JSON pointer through the value and the schema. Whether a number is an index or a
    /// name depends on the value: a target may be named `2024`.
    pub fn follow(places: &Places<'s, 'i>, pointer: &str) -> Option<Self> {
        let Places { schema, item, .. } = *places;
        let mut place = Place { path: String::new(), key_span: None, item, key: schema.root() };
        for token in pointer.split('/').skip(1) {
            if let Value::List(items) = &place.item.value {
                place.path = format!("{}[{token}]", place.path);
                place.item = items.get(token.parse::<usize>().ok()?)?;
                place.key_span = None;
                place.key = place.key.element()?;
            } else {
                let name = token.replace("~1", "/").replace("~0", "~");
                let entry = places.entry(place.item, &name)?;
                place.path = joined(&place.path, &name);
                place.key_span = entry.key_span;
                place.item = &entry.item;
                place.key = place.key.child(&name)?;
            }
        }
        Some(place)
    }

    pub fn is_whole_file(&self) -> bool {
        self.path.is_empty()
    }

    /// Its name in messages.
    pub fn name(&self) -> String {
        if self.is_whole_file() { "the file".to_owned() } else { format!("`{}`", self.path) }
    }

    /// Labels the value, or the key of a collection, which may have many lines.
    pub fn at_value(&self, finding: Finding, text: impl Into<String>) -> Finding {
        let is_long = matches!(self.item.value, Value::Map(_) | Value::Mixed(_) | Value::List(_));
        let key = self.key_span.filter(|_| is_long);
        at(finding, key.or_else(|| self.item.beginning()).or(self.key_span), text)
    }

    /// Labels the key. List elements and the whole file have none.
    pub fn at_key(&self, finding: Finding, text: impl Into<String>) -> Finding {
        at(finding, self.key_span.or_else(|| self.item.beginning()), text)
    }
}

/// Adds a label, and marks the files as rejected.
fn at(finding: Finding, span: Option<Span>, text: impl Into<String>) -> Finding {
    match span {
        Some(span) => finding.at(span, text).refuses(),
        None => finding.refuses(),
    }
}

/// The path of a child key.
pub fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Calls `see` with a value and everything below it, each with its key and path. Skips keys that
/// the schema does not know.
pub fn visit<'s>(
    key: Key<'s>,
    path: &str,
    item: &Item,
    see: &mut impl FnMut(Key<'s>, &str, &Item),
) {
    see(key, path, item);
    match &item.value {
        Value::Map(entries) => {
            for entry in entries {
                if let Some(child) = key.child(&entry.key) {
                    visit(child, &joined(path, &entry.key), &entry.item, see);
                }
            }
        }
        Value::List(items) => {
            if let Some(element) = key.element() {
                for (index, item) in items.iter().enumerate() {
                    visit(element, &format!("{path}[{index}]"), item, see);
                }
            }
        }
        _ => {}
    }
}
