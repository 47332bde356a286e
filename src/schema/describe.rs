//! The schema of one release → the facts of its keys, in the words of Refinery's metadata.
//!
//! Where the metadata differs from what Refinery does, it is under `x-refinery.metadata`.

use super::flags::options_of;
use super::node::Node;
use super::{Kind, Release};
use crate::release::facts::{GroupFacts, Groups, KeyFacts};
use serde_json::Value as Json;

/// The metadata's word for a type, and its definition in the schemas.
pub(super) const TYPES: [(&str, &str); 15] = [
    ("int", "int"),
    ("percentage", "percentage"),
    ("float", "float"),
    ("bool", "bool"),
    ("defaulttrue", "default-true"),
    ("string", "string"),
    ("duration", "duration"),
    ("memorysize", "memory-size"),
    ("hostport", "host-port"),
    ("url", "url"),
    ("stringarray", "string-list"),
    ("map", "map"),
    ("anyscalar", "any-scalar"),
    ("sliceorscalar", "scalar-or-list"),
    ("object", "downstream-sampler"),
];

/// The metadata's word for a format, and the name of the schemas.
pub(super) const FORMATS: [(&str, &str); 4] = [
    ("alphanumeric", "alphanumeric"),
    ("apikey", "api-key"),
    ("apikeyOrBlank", "api-key-or-empty"),
    ("version", "minor-version"),
];

/// Groups of the rules' metadata that are not samplers, and their definitions.
const PARTS_OF_RULES: [(&str, &str); 2] = [("Rules", "rule"), ("Conditions", "condition")];

/// Is it a type that the schemas have?
pub fn knows_type(word: &str) -> bool {
    word == "objectarray" || TYPES.iter().any(|(known, _)| *known == word)
}

/// The definition of a group of the rules' metadata.
pub(super) fn definition(group: &str) -> &str {
    PARTS_OF_RULES.iter().find(|(name, _)| *name == group).map_or(group, |(_, def)| def)
}

/// The facts of all keys of a projected schema.
pub(super) fn describe(kind: Kind, document: &'static Node, release: Release) -> Groups {
    let described = |name: &str, node: &'static Node| {
        let keys = entries(node, "/properties");
        let keys = keys
            .map(|(key, own)| (key.to_owned(), describe_key(document, node, key, own, release)));
        let last_version = text(node, "/x-refinery/last-version");
        let explained = node.pointer("/x-refinery/explained").is_some();
        (name.to_owned(), GroupFacts { last_version, explained, keys: keys.collect() })
    };
    match kind {
        Kind::Config => {
            entries(document, "/properties").map(|(name, node)| described(name, node)).collect()
        }
        Kind::Rules => {
            let names = samplers(document).chain(PARTS_OF_RULES.map(|(name, _)| name));
            let node = |name: &str| document.pointer(&format!("/$defs/{}", definition(name)));
            names.filter_map(|name| Some(described(name, node(name)?))).collect()
        }
    }
}

/// The samplers that a target may have.
fn samplers(document: &'static Node) -> impl Iterator<Item = &'static str> {
    let is_own = |node: &'static Node| node.pointer("/x-refinery/misplaced").is_none();
    let all = entries(document, "/$defs/choice/properties");
    all.filter(move |(_, node)| is_own(node)).map(|(name, _)| name)
}

fn describe_key(
    document: &'static Node,
    group: &'static Node,
    name: &str,
    node: &'static Node,
    release: Release,
) -> KeyFacts {
    let own =
        |names: &[&str]| names.iter().find_map(|name| node.get(name)).map(|node| node.to_json());
    let reference = reference(node).unwrap_or_default();
    let texts = |pointer: &str| list(node.pointer(pointer));
    let kind = match reference {
        "rules" | "conditions" => "objectarray",
        _ => word(&TYPES, reference),
    };
    let format = text(node, "/format").map(|format| match format.as_str() {
        "api-key-loose" => "apikey".to_owned(),
        other => word(&FORMATS, other).to_owned(),
    });
    let elements = match kind {
        "stringarray" => node.get("items").and_then(self::reference).map(|t| word(&TYPES, t)),
        "map" => node.get("additionalProperties").map(|_| "string"),
        _ => None,
    };
    let mut conflicting = list(group.get("conflicting"));
    conflicting.retain(|other| entries(group, "/properties").any(|(key, _)| key == other));
    let (own_name, conflicts): (Vec<_>, Vec<_>) =
        conflicting.into_iter().partition(|other| other == name);
    let mut variables = Vec::new();
    let mut flag = None;
    for option in texts("/x-refinery/options") {
        let found = options_of(document, release).find(|(known, _)| *known == option);
        let Some((_, option)) = found else { continue };
        variables.extend(text(option, "/env"));
        flag = flag.or_else(|| text(option, "/flag"));
    }
    let children = match kind {
        "object" => {
            let properties = entries(document, "/$defs/downstream-sampler/properties");
            properties.map(|(name, _)| name.to_owned()).collect()
        }
        _ => Vec::new(),
    };
    let facts = KeyFacts {
        kind: kind.to_owned(),
        default: own(&["default"]),
        choices: if node.get("enum").is_some() {
            texts("/enum")
        } else {
            texts("/x-refinery/choices")
        },
        only_choices: node.get("enum").is_some(),
        minimum: own(&["minimum", "quantityMinimum"]),
        minimum_or_zero: own(&["quantityMinimumOrZero"]),
        maximum: own(&["maximum", "quantityMaximum"]),
        format,
        not_empty: node.get("minLength").is_some(),
        required: list(group.get("required")).iter().any(|required| required == name),
        elements: elements.map(str::to_owned),
        children,
        required_with: texts("/x-refinery/required-with"),
        conflicts_with: if own_name.is_empty() { Vec::new() } else { conflicts },
        no_reserved_headers: node.get("propertyNames").is_some(),
        first_version: text(node, "/x-refinery/since"),
        last_version: text(node, "/x-refinery/last-version"),
        explained: node.pointer("/x-refinery/explained").is_some(),
        reload: node.pointer("/x-refinery/reload").and_then(Node::as_bool),
        variables,
        flag,
        not_understood: Vec::new(),
    };
    correct(facts, node.pointer("/x-refinery/metadata").and_then(Node::as_object))
}

/// What the metadata says, where Refinery does something else; null where it says nothing.
fn correct(facts: KeyFacts, said: Option<&[(&str, Node)]>) -> KeyFacts {
    let Some(said) = said else { return facts };
    let Ok(Json::Object(mut map)) = serde_json::to_value(&facts) else { return facts };
    for (name, value) in said {
        if *value == Node::Null {
            map.remove(*name)
        } else {
            map.insert((*name).to_owned(), value.to_json())
        };
    }
    serde_json::from_value(Json::Object(map)).unwrap_or(facts)
}

fn word<'w>(words: &[(&'static str, &'static str)], name: &'w str) -> &'w str {
    words.iter().find(|(_, ours)| *ours == name).map_or(name, |(theirs, _)| theirs)
}

fn reference(node: &Node) -> Option<&'static str> {
    node.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

fn entries(
    node: &'static Node,
    pointer: &str,
) -> impl Iterator<Item = (&'static str, &'static Node)> {
    let members = node.pointer(pointer).and_then(Node::as_object).unwrap_or_default();
    members.iter().map(|(name, node)| (*name, node))
}

fn text(node: &'static Node, pointer: &str) -> Option<String> {
    Some(node.pointer(pointer)?.as_str()?.to_owned())
}

fn list(node: Option<&Node>) -> Vec<String> {
    let items = node.and_then(Node::as_array).into_iter().flatten();
    items.filter_map(|item| Some(item.as_str()?.to_owned())).collect()
}
