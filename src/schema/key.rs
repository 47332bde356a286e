//! A key of a schema: a read-only view that resolves `$ref`.

use super::node::Node;
use super::phrases::plain;
use crate::syntax::{DataFormat, Item, Value};
use std::fmt;

/// When a changed value takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakesEffect {
    /// The documentation may name a restart.
    AtReload {
        against_documentation: bool,
    },
    /// The documentation may promise a live reload.
    AtRestart {
        against_documentation: bool,
    },
    Never,
}

impl fmt::Display for TakesEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtReload { against_documentation: false } => "at a live reload",
            Self::AtReload { .. } => "at a live reload, although its documentation names a restart",
            Self::AtRestart { against_documentation: false } => "at a restart",
            Self::AtRestart { .. } => {
                "only at a restart, although its documentation promises a live reload"
            }
            Self::Never => "never: Refinery does not read it",
        })
    }
}

/// A key of a projected schema. Its own keywords override those of its type.
#[derive(Clone, Copy)]
pub struct Key<'s> {
    own: &'s Node,
    /// Its type, if it refers to one.
    base: Option<&'s Node>,
}

impl<'s> Key<'s> {
    /// The key of a node of a schema; its root is the whole file.
    pub fn of(own: &'s Node) -> Self {
        Self { own, base: own.base() }
    }

    /// The default as if it were in a file.
    pub fn default(&self) -> Option<Item> {
        self.keyword("default").map(item)
    }

    /// A JSON Schema keyword.
    pub fn keyword(&self, name: &str) -> Option<&'s Node> {
        self.own.get(name).or_else(|| self.base?.get(name))
    }

    /// Calls `take` for its own keywords, and those of its type that it does not have itself, in the
    /// order in which the schema has them.
    pub(super) fn each_keyword(&self, mut take: impl FnMut(&'static str, &'static Node)) {
        let own = self.own.as_object().unwrap_or_default();
        let base = self.base.and_then(Node::as_object).unwrap_or_default();
        for (name, node) in own {
            if *name != "$ref" {
                take(name, node);
                continue;
            }
            for (name, node) in base {
                if own.iter().all(|(known, _)| known != name) {
                    take(name, node);
                }
            }
        }
    }

    pub fn text(&self, name: &str) -> Option<&'s str> {
        self.keyword(name)?.as_str()
    }

    /// A fact under `x-refinery`.
    pub fn fact(&self, name: &str) -> Option<&'s Node> {
        let of = |node: &'s Node| node.facts()?.get(name);
        of(self.own).or_else(|| of(self.base?))
    }

    pub fn fact_text(&self, name: &str) -> Option<&'s str> {
        self.fact(name)?.as_str()
    }

    pub fn is(&self, fact: &str) -> bool {
        self.fact(fact).and_then(Node::as_bool).unwrap_or(false)
    }

    /// Whether Refinery loads the key; some are known to its validator only.
    pub fn is_decoded(&self) -> bool {
        self.fact("decoded").and_then(Node::as_bool).unwrap_or(true)
    }

    /// The same for one format: a field of Refinery without a name for YAML has one for the others.
    fn is_loaded_from(&self, format: DataFormat) -> bool {
        let formats = self.fact("formats").and_then(Node::as_array);
        let is_named = |formats: &[Node]| formats.iter().any(|n| n.as_str() == Some(format.name()));
        formats.map_or_else(|| self.is_decoded(), is_named)
    }

    /// When Refinery reads a changed value of a config key.
    pub fn takes_effect(&self) -> TakesEffect {
        let promised = self.is("reload");
        match self.fact_text("in-force") {
            Some("restart") => TakesEffect::AtRestart { against_documentation: promised },
            Some("never") => TakesEffect::Never,
            Some(_) => TakesEffect::AtReload { against_documentation: !promised },
            None if promised => TakesEffect::AtReload { against_documentation: false },
            None => TakesEffect::AtRestart { against_documentation: false },
        }
    }

    /// The Go type of the value in Refinery.
    pub fn go_type(&self) -> &'s str {
        self.fact_text("go").unwrap_or("struct")
    }

    /// The name of its type's definition: `duration`, `memory-size`, …
    pub fn type_name(&self) -> Option<&'s str> {
        referred(self.own)
    }

    pub(super) fn properties(&self) -> Option<&'s Node> {
        self.own.properties().or_else(|| self.base?.properties())
    }

    /// Its child with that name: a declared one, or else the one for any name.
    pub fn child(&self, name: &str) -> Option<Key<'s>> {
        let declared = self.properties().and_then(|p| p.get(name));
        declared
            .or_else(|| self.keyword("additionalProperties").filter(|v| v.is_object()))
            .map(Key::of)
    }

    /// The key of its list elements.
    pub fn element(&self) -> Option<Key<'s>> {
        self.keyword("items").map(Key::of)
    }

    /// Its declared children, in schema order.
    pub fn children(&self) -> impl Iterator<Item = (&'s str, Key<'s>)> + use<'s> {
        let declared = self.properties().and_then(Node::as_object);
        declared.into_iter().flatten().map(|(name, own)| (*name, Key::of(own)))
    }

    /// Its descendant at a path such as `Samplers.prod.Rules[0]`.
    pub fn descendant(self, path: &str) -> Option<Self> {
        let mut key = self;
        for part in path.split('.').filter(|part| !part.is_empty()) {
            let (name, is_element) = match part.split_once('[') {
                Some((name, _)) => (name, true),
                None => (part, false),
            };
            key = key.child(name)?;
            key = if is_element { key.element()? } else { key };
        }
        Some(key)
    }

    /// The names of the children that may be written in this release.
    pub fn usable_children(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        let is_usable = |key: &Key<'_>| !key.is("misplaced") && key.fact("last-version").is_none();
        self.children().filter(move |(_, key)| is_usable(key)).map(|(name, _)| name)
    }

    /// Its first required child.
    pub fn required_child(&self) -> Option<&'s str> {
        self.keyword("required")?.as_array()?.first()?.as_str()
    }

    /// Its allowed values; empty if they cannot be listed.
    pub fn choices(&self) -> Vec<String> {
        match (self.keyword("enum"), self.keyword("const")) {
            (Some(Node::List(choices)), _) => choices.iter().map(plain).collect(),
            (_, Some(only)) => vec![plain(only)],
            _ => Vec::new(),
        }
    }

    /// Its child with that name, if Refinery loads it. Its validator may not know the child.
    pub fn loaded_child(&self, name: &str) -> Option<Key<'s>> {
        let more = || Some(Key::of(self.fact("loaded")?.get(name)?));
        self.child(name).filter(Key::is_decoded).or_else(|| more().filter(Key::is_decoded))
    }

    /// All children that Refinery loads from a format, in schema order.
    pub fn loaded_children(
        &self,
        format: DataFormat,
    ) -> impl Iterator<Item = (&'s str, Key<'s>)> + use<'s> {
        // Its validator may not know these.
        let more = self.fact("loaded").and_then(Node::as_object).into_iter().flatten();
        let more = more.map(|(name, own)| (*name, Key::of(own)));
        self.children().chain(more).filter(move |(_, child)| child.is_loaded_from(format))
    }

    /// Whether its value must not be shown.
    pub fn is_secret(&self) -> bool {
        self.is("secret") || self.text("format").is_some_and(|f| f.starts_with("api-key"))
    }

    /// Whether some strings are invalid.
    pub fn restricts_text(&self) -> bool {
        let keywords = ["format", "enum", "const", "minLength", "minimum", "quantityMinimum"];
        keywords.iter().any(|name| self.keyword(name).is_some())
    }

    /// Whether Refinery expands variables in its value. It parses all other types first.
    pub fn is_expanded(&self) -> bool {
        matches!(self.go_type(), "string" | "[]string" | "map[string]string")
    }

    /// An example of a valid value.
    pub fn sample(&self) -> Option<&'s Node> {
        let example = || self.keyword("examples").and_then(|examples| examples.as_array()?.first());
        self.keyword("const").or_else(|| self.keyword("default")).or_else(example)
    }

    /// The expected value, in words.
    pub fn wanted(&self) -> String {
        match self.text("format").unwrap_or_default() {
            "go-scalar" if self.keyword("sameType").is_none() => {
                "a string, a number or a boolean".to_owned()
            }
            format => wanted_by_format(format).map_or_else(|| self.wanted_by_type(), str::to_owned),
        }
    }

    fn wanted_by_type(&self) -> String {
        let types = match self.keyword("type") {
            Some(Node::Text(one)) => vec![*one],
            Some(Node::List(many)) => many.iter().filter_map(Node::as_str).collect(),
            _ => Vec::new(),
        };
        let words: Vec<&str> = types
            .into_iter()
            .filter_map(|t| match t {
                "integer" => Some("an integer"),
                "number" => Some("a number"),
                "string" => Some("a string"),
                "boolean" => Some("`true` or `false`"),
                "array" => Some("a list"),
                "object" => Some("a mapping"),
                _ => None,
            })
            .collect();
        if words.is_empty() { "a value".to_owned() } else { words.join(" or ") }
    }
}

/// What a format requires, in words.
pub fn wanted_by_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "go-duration" => "a duration such as `10s`",
        "host-port" => "`host:port`",
        "http-url" => "an http or https URL",
        "minor-version" => "a version such as `v2.0`",
        "alphanumeric" => "letters and digits only",
        "go-bool-word" => "`true` or `false`",
        "go-scalar" => "a string, a number, a boolean or a list of these",
        "api-key-or-empty" => "a Honeycomb API key or an empty string",
        name if name.starts_with("memory-size") => "a memory size such as `4Gb`",
        name if name.starts_with("api-key") => "a Honeycomb API key",
        _ => return None,
    })
}

/// The type definition that a node refers to. The schemas have no other references.
fn referred(node: &Node) -> Option<&str> {
    node.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// A value of the schema as if it were in a file.
fn item(node: &Node) -> Item {
    let value = match node {
        Node::Bool(b) => Value::Bool(*b),
        Node::Int(n) => Value::Int(*n),
        Node::Text(text) => Value::Text((*text).to_owned()),
        Node::List(items) => Value::List(items.iter().map(item).collect()),
        // The only default that is a mapping is empty.
        Node::Map(_) => Value::Map(Vec::new()),
        Node::Null | Node::Float(_) => Value::Null,
    };
    // Booleans and sizes are parsed from the raw text.
    let raw = if node.as_str().is_some() { String::new() } else { node.to_string() };
    Item { raw, ..Item::new(value, None) }
}
