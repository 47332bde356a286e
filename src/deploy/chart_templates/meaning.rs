//! What an expression of a template means.

use crate::deploy::chart::render::scalar;
use crate::syntax::{Item, Value};

/// What an expression means.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// A value of the chart, and the path of keys that leads to it.
    Value(Item, Vec<String>),
    /// The same in YAML or JSON.
    Encoded(Item, Vec<String>),
    /// A file of the chart.
    File(String),
    /// All files of the chart that match a pattern.
    Files(Vec<String>),
    Unknown,
}

impl Meaning {
    /// A word that a template writes into a line.
    pub fn word(&self) -> Option<String> {
        match self {
            Self::Value(item, _) => written_item(item),
            _ => None,
        }
    }
}

/// A text as a value.
pub fn text_of(text: &str) -> Meaning {
    Meaning::Value(Item::new(Value::Text(text.to_owned()), None), Vec::new())
}

/// The word that a value is written as.
pub fn written_item(item: &Item) -> Option<String> {
    let is_null = item.value == Value::Null;
    item.text().map(str::to_owned).or_else(|| scalar(&item.value)).filter(|_| !is_null)
}
