//! Items that no file contains: they have no spans.

use crate::syntax::{Entry, Item, Value};

/// A mapping.
pub fn map(entries: Vec<Entry>) -> Item {
    Item::new(Value::Map(entries), None)
}

/// A string.
pub fn text(text: &str) -> Item {
    Item::new(Value::Text(text.to_owned()), None)
}

/// An entry of a mapping.
pub fn entry(key: &str, item: Item) -> Entry {
    Entry { key: key.to_owned(), key_span: None, item }
}
