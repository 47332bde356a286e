//! JSON values in static memory: the schemas, which `build.rs` turns into tables.
//!
//! A run reads a few thousand facts of the schemas and none of them ever changes, so nothing is parsed
//! or hashed at run time, and what every key is asked for is found without searching. Must not know
//! other keywords.

use super::reference::referred;
use serde_json::{Map, Value as Json};
use std::fmt::{self, Display, Formatter};

/// A JSON value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'static str),
    List(&'static [Node]),
    Map(&'static Members),
}

/// The members of a mapping.
#[derive(Debug, PartialEq)]
pub struct Members {
    /// In the order in which they are written.
    pub all: &'static [(&'static str, Node)],
    /// The place of `x-refinery`.
    pub facts: Option<usize>,
    /// The place of `properties`.
    pub properties: Option<usize>,
    /// The type that `$ref` refers to.
    pub base: Option<&'static Node>,
}

impl Node {
    /// The member of that name. Mappings have few, so comparing costs less than hashing.
    pub fn get(&self, name: &str) -> Option<&'static Node> {
        self.as_object()?.iter().find(|(known, _)| *known == name).map(|(_, node)| node)
    }

    /// The value at a path of names, `/x-refinery/since`.
    pub fn pointer(&self, path: &str) -> Option<&'static Node> {
        let mut names = path.split('/').skip(1);
        let first = self.get(names.next()?)?;
        names.try_fold(first, Self::get)
    }

    pub fn as_str(&self) -> Option<&'static str> {
        match *self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match *self {
            Self::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&'static [Node]> {
        match *self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&'static [(&'static str, Node)]> {
        match *self {
            Self::Map(members) => Some(members.all),
            _ => None,
        }
    }

    /// The member of a mapping that has this place.
    fn at(&self, place: fn(&Members) -> Option<usize>) -> Option<&'static Node> {
        let Self::Map(members) = *self else { return None };
        Some(&members.all[place(members)?].1)
    }

    /// The value of `x-refinery`.
    pub(super) fn facts(&self) -> Option<&'static Node> {
        self.at(|members| members.facts)
    }

    /// The value of `properties`.
    pub(super) fn properties(&self) -> Option<&'static Node> {
        self.at(|members| members.properties)
    }

    /// The type that `$ref` refers to.
    pub(super) fn base(&self) -> Option<&'static Node> {
        let Self::Map(members) = *self else { return None };
        members.base
    }

    pub fn is_object(&self) -> bool {
        matches!(self, Self::Map(_))
    }

    /// An owned copy, which can be changed.
    pub fn to_json(self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(value),
            Self::Int(n) => Json::from(n),
            Self::Float(n) => Json::from(n),
            Self::Text(text) => Json::String(text.to_owned()),
            Self::List(items) => items.iter().map(|item| item.to_json()).collect(),
            Self::Map(members) => {
                let member = |(name, node): &(&str, Self)| ((*name).to_owned(), node.to_json());
                Json::Object(members.all.iter().map(member).collect::<Map<_, _>>())
            }
        }
    }

    /// A value that lives as long as the process: the schema of a release that a run has learned.
    pub fn keep(json: &Json) -> &'static Self {
        Box::leak(Box::new(Self::kept(json, json)))
    }

    fn kept(json: &Json, document: &Json) -> Self {
        let text = |text: &str| -> &'static str { Box::leak(text.into()) };
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(n) => {
                n.as_i64().map_or(Self::Float(n.as_f64().unwrap_or_default()), Self::Int)
            }
            Json::String(string) => Self::Text(text(string)),
            Json::Array(items) => {
                Self::List(Vec::leak(items.iter().map(|item| Self::kept(item, document)).collect()))
            }
            Json::Object(members) => {
                let all =
                    members.iter().map(|(name, json)| (text(name), Self::kept(json, document)));
                let place = |name| members.keys().position(|known| known == name);
                let base = referred(json, document).map(|base| Self::kept(base, document));
                Self::Map(Box::leak(Box::new(Members {
                    all: Vec::leak(all.collect()),
                    facts: place("x-refinery"),
                    properties: place("properties"),
                    base: base.map(|base| &*Box::leak(Box::new(base))),
                })))
            }
        }
    }
}

impl PartialEq<str> for Node {
    fn eq(&self, text: &str) -> bool {
        self.as_str() == Some(text)
    }
}

/// As JSON text.
impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.to_json().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn kept_values_are_the_same() {
        let json = json!({"a": [1, 0.5, null, true], "b": {"c": "x", "d": -3}});
        let node = Node::keep(&json);
        assert_eq!(node.to_json(), json);
        assert_eq!(node.to_string(), json.to_string());
        assert_eq!(node.pointer("/b/c"), Some(&Node::Text("x")));
        assert_eq!((node.pointer("/b/x"), node.pointer("/a/0"), node.get("c")), (None, None, None));
    }

    #[test]
    fn finds_every_fact_of_every_key() {
        let json = json!({
            "properties": {"a": {"$ref": "#/$defs/b"}, "c": {"$ref": "#/$defs/d"}},
            "$defs": {"b": {"type": "integer", "x-refinery": {"go": "int"}}}
        });
        let node = Node::keep(&json);
        let a = node.properties().and_then(|all| all.get("a")).unwrap();
        assert_eq!(a.base().unwrap().to_json(), json["$defs"]["b"]);
        assert_eq!(a.base().and_then(Node::facts), node.pointer("/$defs/b/x-refinery"));
        assert_eq!(node.pointer("/properties/c").and_then(Node::base), None);
        assert_eq!((a.facts(), a.properties(), node.base()), (None, None, None));
    }
}
