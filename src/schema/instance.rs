//! Lets the `jsonschema` crate validate parsed values directly, without converting them to JSON.
//!
//! Must not contain rules: those are in `schemas/`.

use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node, NodeIdentity, Object};
use std::borrow::Cow;

/// Values as Refinery's parser passes them to its validator.
///
/// Values for which Refinery's validator has no type (dates, mappings with keys that are not
/// strings) look like null.
pub struct Engine;

impl Json for Engine {
    type Node<'a> = &'a Item;
    type PreparedKey = String;
    type StringBuffer = ();

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>((): &mut (), text: &str, f: impl FnOnce(&Item) -> T) -> T {
        f(&Item::new(Value::Text(text.to_owned()), None::<Span>))
    }
}

/// Whether a value has a type of JSON Schema, as the validator sees it.
pub fn has_type(item: &Item, name: &str) -> bool {
    match name {
        "integer" => matches!(item.value, Value::Int(_)),
        _ => item.json_type().as_str() == name,
    }
}

impl<'a> Node<'a, Engine> for &'a Item {
    type Object = &'a [Entry];
    type Array = &'a [Item];
    type Number = Number;

    fn as_object(&self) -> Option<&'a [Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<&'a [Item]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match &self.value {
            Value::Text(text) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<Number> {
        match self.value {
            Value::Int(n) => Some(Number::Int(n)),
            Value::Long(n) => Some(Number::Long(n)),
            Value::Unsigned(n) => Some(Number::Unsigned(n)),
            Value::Float(n) => Some(Number::Float(n)),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.value {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        self.json_type() == JsonType::Null
    }

    fn json_type(&self) -> JsonType {
        match self.value {
            Value::Null | Value::Time | Value::Mixed(_) => JsonType::Null,
            Value::Bool(_) => JsonType::Boolean,
            Value::Int(_) | Value::Long(_) | Value::Unsigned(_) | Value::Float(_) => {
                JsonType::Number
            }
            Value::Text(_) => JsonType::String,
            Value::List(_) => JsonType::Array,
            Value::Map(_) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &serde_json::Value) -> bool {
        match &self.value {
            Value::Text(text) => expected == text.as_str(),
            Value::Int(n) => expected.as_i64() == Some(*n),
            _ => false,
        }
    }

    /// Messages are made from the item itself, so the copy for the crate's errors is empty.
    fn to_value(&self) -> Cow<'a, serde_json::Value> {
        Cow::Owned(serde_json::Value::Null)
    }

    fn identity(&self) -> Option<NodeIdentity> {
        None
    }
}

impl<'a> Object<'a, Engine> for &'a [Entry] {
    type Node = &'a Item;
    type MemberName = &'a str;
    type MembersIter =
        std::iter::Map<std::slice::Iter<'a, Entry>, fn(&'a Entry) -> (&'a str, &'a Item)>;

    fn len(&self) -> usize {
        <[Entry]>::len(self)
    }

    fn get(&self, key: &String) -> Option<&'a Item> {
        self.iter().find(|e| e.key == *key).map(|e| &e.item)
    }

    fn members(&self) -> Self::MembersIter {
        self.iter().map(|e| (e.key.as_str(), &e.item))
    }
}

impl<'a> Array<'a, Engine> for &'a [Item] {
    type Node = &'a Item;
    type ElementsIter = std::slice::Iter<'a, Item>;

    fn len(&self) -> usize {
        <[Item]>::len(self)
    }

    fn elements(&self) -> Self::ElementsIter {
        self.iter()
    }
}

/// A number with the width that Refinery's parser gives it.
#[derive(Clone, Copy)]
pub enum Number {
    Int(i64),
    Long(i64),
    Unsigned(u64),
    Float(f64),
}

impl JsonNumber for Number {
    fn as_u64(&self) -> Option<u64> {
        match *self {
            Self::Int(n) | Self::Long(n) => u64::try_from(n).ok(),
            Self::Unsigned(n) => Some(n),
            Self::Float(_) => None,
        }
    }

    fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Int(n) | Self::Long(n) => Some(n),
            _ => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "Refinery compares as floats too")]
    fn as_f64(&self) -> Option<f64> {
        Some(match *self {
            Self::Int(n) | Self::Long(n) => n as f64,
            Self::Unsigned(n) => n as f64,
            Self::Float(n) => n,
        })
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(self.as_f64().unwrap_or_default().to_string())
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        let number = self.as_f64().and_then(serde_json::Number::from_f64);
        Cow::Owned(number.unwrap_or_else(|| serde_json::Number::from(0)))
    }

    /// Only numbers that Refinery stores in an `int` are integers: `10.0` is not.
    fn is_integer(&self) -> bool {
        matches!(self, Self::Int(_))
    }
}
