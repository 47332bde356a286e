//! The part of a schema that decides about a file: what it requires of the keys that the file has,
//! without references and notes, and without rules that the values evidently follow. Of other keys
//! it allows any value.
//!
//! A key that a file does not have cannot be invalid in it, nor can a value that follows a rule break
//! it, so this part finds the same violations as the whole schema (a test compares them), and
//! the cost of compiling it depends only on what is in doubt. Must not describe violations.

use super::instance::has_type;
use super::key::Key;
use super::keywords::rule;
use super::node::Node;
use crate::syntax::{Entry, Item, Value};
use serde_json::{Map, Value as Json};

/// Whether a keyword does not restrict values.
fn is_note(keyword: &str) -> bool {
    matches!(
        keyword,
        "$schema"
            | "$comment"
            | "$defs"
            | "title"
            | "description"
            | "default"
            | "examples"
            | "x-refinery"
    )
}

/// The values that a schema has to decide about.
#[derive(Clone)]
pub enum Values<'i> {
    /// Any value.
    Any,
    /// Only these.
    These(Vec<&'i Item>),
}

impl Values<'_> {
    fn is_none(&self) -> bool {
        matches!(self, Self::These(items) if items.is_empty())
    }

    /// Whether all of them evidently follow a rule. Others are left to the validator.
    fn follow(&self, keyword: &str, node: &Node) -> bool {
        let Self::These(items) = self else { return false };
        let has_type = |item: &&Item| match node {
            Node::Text(name) => has_type(item, name),
            Node::List(names) => names.iter().filter_map(Node::as_str).any(|n| has_type(item, n)),
            _ => false,
        };
        match keyword {
            "type" => items.iter().all(has_type),
            "required" => {
                let names = || node.as_array().into_iter().flatten().filter_map(Node::as_str);
                items.iter().all(|item| names().all(|name| item.get(name).is_some()))
            }
            "enum" => {
                let choices = node.as_array().unwrap_or_default();
                items.iter().all(|item| choices.iter().any(|choice| is_equal(item, choice)))
            }
            "const" => items.iter().all(|item| is_equal(item, node)),
            "minLength" => {
                *node == Node::Int(1) && items.iter().all(|item| item.text() != Some(""))
            }
            "propertyNames" => {
                let entries = items.iter().flat_map(|item| item.entries());
                let name = |entry: &Entry| Item::new(Value::Text(entry.key.clone()), None);
                let names: Vec<Item> = entries.map(name).collect();
                let names = Values::These(names.iter().collect());
                let rules = node.as_object().unwrap_or_default();
                rules.iter().all(|(keyword, node)| names.follow(keyword, node))
            }
            _ => rule(keyword, node).is_some_and(|rule| items.iter().all(|item| rule(item))),
        }
    }

    /// The elements of all lists.
    fn elements(&self) -> Self {
        let Self::These(items) = self else { return Self::Any };
        let lists = items.iter().filter_map(|item| match &item.value {
            Value::List(elements) => Some(elements),
            _ => None,
        });
        Self::These(lists.flatten().collect())
    }

    /// The values of each of these keys that mappings have, by the place of the key and in this order,
    /// and those of all other keys.
    fn members(&self, declared: &[(&str, Node)]) -> (Vec<(usize, Self)>, Self) {
        let Self::These(items) = self else {
            return ((0..declared.len()).map(|place| (place, Self::Any)).collect(), Self::Any);
        };
        let (mut known, mut others): (Vec<(usize, Vec<&Item>)>, _) = (Vec::new(), Vec::new());
        for entry in items.iter().flat_map(|item| item.entries()) {
            let Some(place) = declared.iter().position(|(name, _)| *name == entry.key) else {
                others.push(&entry.item);
                continue;
            };
            match known.iter_mut().find(|(known, _)| *known == place) {
                Some((_, items)) => items.push(&entry.item),
                None => known.push((place, vec![&entry.item])),
            }
        }
        known.sort_unstable_by_key(|(place, _)| *place);
        let known = known.into_iter().map(|(place, items)| (place, Self::These(items)));
        (known.collect(), Self::These(others))
    }
}

/// Whether a value is one that a schema lists.
fn is_equal(item: &Item, listed: &Node) -> bool {
    match (&item.value, listed) {
        (Value::Text(text), Node::Text(listed)) => text == listed,
        (Value::Int(n), Node::Int(listed)) => n == listed,
        _ => false,
    }
}

/// The schema of a key as JSON Schema without references, for these values of it; `true` if nothing
/// is in doubt.
pub fn restrict(key: Key<'_>, values: &Values<'_>) -> Json {
    let declared = key.properties().and_then(Node::as_object).unwrap_or_default();
    let (known, others) = values.members(declared);
    let mut schema = Map::new();
    let inner = |own, values: &Values<'_>| {
        let restricted = (!values.is_none()).then(|| restrict(Key::of(own), values));
        restricted.filter(|schema| *schema != Json::Bool(true))
    };
    // Without undeclared keys all others are allowed, so that they need not be named.
    let is_open = others.is_none();
    key.each_keyword(|name, node| {
        let restricted = match name {
            _ if is_note(name) => None,
            "properties" => {
                let mut own = Map::new();
                let mut known = known.iter().peekable();
                for (place, (name, node)) in declared.iter().enumerate() {
                    let values = known.next_if(|(known, _)| *known == place);
                    let restricted = values.and_then(|(_, values)| inner(node, values));
                    let allowed = || (!is_open).then_some(Json::Bool(true));
                    if let Some(restricted) = restricted.or_else(allowed) {
                        own.insert((*name).to_owned(), restricted);
                    }
                }
                (!own.is_empty()).then_some(Json::Object(own))
            }
            "additionalProperties" if is_open => None,
            "additionalProperties" if node.is_object() => inner(node, &others),
            "items" => inner(node, &values.elements()),
            _ => (!values.follow(name, node)).then(|| node.to_json()),
        };
        if let Some(restricted) = restricted {
            schema.insert(name.to_owned(), restricted);
        }
    });
    if schema.is_empty() { Json::Bool(true) } else { Json::Object(schema) }
}

#[cfg(test)]
mod tests {
    use super::super::compiled::{Validator, compile};
    use super::super::validate::find_violations_with;
    use super::super::{Kind, Schema, releases};
    use super::*;
    use crate::span::FileId;
    use crate::syntax::{read_document, yaml};
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::json;
    use std::sync::LazyLock;

    /// The schemas as they are written, with all keys, notes and references.
    static WHOLE: LazyLock<Vec<(Schema, Validator)>> = LazyLock::new(|| {
        let all = releases();
        let some = [all.first(), all.get(all.len() / 2), all.last()].into_iter().flatten();
        some.flat_map(|release| Kind::ALL.map(|kind| Schema::new(kind, *release)))
            .map(|schema| {
                let whole = compile(&schema.document.to_json()).unwrap();
                (schema, whole)
            })
            .collect()
    });

    /// The findings of a validator in words. A limit that a key and its type both have is broken
    /// twice in the whole schema.
    fn violations(validator: &Validator, schema: &Schema, item: &Item) -> Vec<String> {
        let all = find_violations_with(Some(validator), schema, item);
        let mut all: Vec<String> = all.iter().map(|violation| format!("{violation:?}")).collect();
        all.dedup();
        all
    }

    fn compare(text: &str) {
        let Some(tree) = yaml::parse(FileId(0), text).tree else { return };
        let (item, _) = read_document(&tree);
        for (schema, whole) in WHOLE.iter() {
            let expected = violations(whole, schema, &item);
            for values in [Values::These(vec![&item]), Values::Any] {
                let part = compile(&restrict(Key::of(schema.document), &values)).unwrap();
                let found = violations(&part, schema, &item);
                assert_eq!(found, expected, "{} {text}", schema.release);
            }
        }
    }

    #[test]
    fn only_what_is_in_doubt_is_left() {
        let (schema, _) = WHOLE.iter().rfind(|(schema, _)| schema.kind == Kind::Config).unwrap();
        for (text, left) in [
            ("{Debugging: {}}", json!(null)),
            ("{Debugging: {AdditionalErrorFields: [a], DryRun: true}}", json!(null)),
            ("{Debugging: {DryRun: x}}", json!({"DryRun": {"type": "boolean"}})),
            (
                "{Debugging: {AdditionalErrorFields: [a, 1], DryRun: true}}",
                json!({"AdditionalErrorFields": {"items": {"type": "string"}}}),
            ),
        ] {
            let tree = yaml::parse(FileId(0), text).tree.unwrap();
            let (item, _) = read_document(&tree);
            let part = restrict(Key::of(schema.document), &Values::These(vec![&item]));
            assert!(part["required"].is_array());
            assert_eq!(part["properties"]["Debugging"]["properties"], left, "{text}");
        }
    }

    fn recorded() -> std::path::PathBuf {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/conformance")
    }

    #[test]
    fn nothing_of_a_valid_file_is_in_doubt() {
        for (kind, name) in
            [(Kind::Config, "base-config-v32.yaml"), (Kind::Rules, "base-rules-full.yaml")]
        {
            let text = std::fs::read_to_string(recorded().join(name)).unwrap();
            let tree = yaml::parse(FileId(0), &text).tree.unwrap();
            let (item, _) = read_document(&tree);
            let (schema, _) = WHOLE.iter().rfind(|(schema, _)| schema.kind == kind).unwrap();
            let part = restrict(Key::of(schema.document), &Values::These(vec![&item]));
            assert_eq!(part, json!(true), "{name}");
        }
    }

    #[test]
    fn recorded_files_have_the_same_errors() {
        let files = std::fs::read_dir(recorded()).unwrap().map(|file| file.unwrap().path());
        let mut count = 0;
        for path in files.filter(|path| path.extension().is_some_and(|e| e == "yaml")) {
            compare(&std::fs::read_to_string(path).unwrap());
            count += 1;
        }
        assert!(count > 4);
    }

    /// Keys of any level, mostly known ones.
    fn any_key() -> impl Strategy<Value = String> {
        fn collect(key: Key<'_>, names: &mut Vec<String>, depth: usize) {
            for (name, child) in key.children() {
                names.push(name.to_owned());
                if depth > 0 {
                    collect(child, names, depth - 1);
                    child.element().into_iter().for_each(|e| collect(e, names, depth - 1));
                }
            }
            key.child("any").into_iter().for_each(|e| collect(e, names, depth.saturating_sub(1)));
        }
        let mut names = vec!["Unknown".to_owned(), "__default__".to_owned()];
        for kind in Kind::ALL {
            collect(kind.root(), &mut names, 6);
        }
        select(names)
    }

    fn any_value() -> impl Strategy<Value = String> {
        let scalars = [
            "1",
            "-1",
            "0.5",
            "101",
            "true",
            "null",
            "''",
            "x",
            "10s",
            "2",
            "4Gb",
            "v2.0",
            "[]",
            "{}",
            "[a, 1]",
            "[a, b]",
            "http://h",
            "h:1",
            "1e9",
            "2024-01-01",
            "{1: 2}",
        ];
        let leaf = select(scalars.to_vec()).prop_map(str::to_owned);
        leaf.prop_recursive(4, 40, 4, |inner| {
            let members = prop::collection::btree_map(any_key(), inner.clone(), 0..5);
            let map = members.prop_map(|all| {
                let pairs: Vec<String> = all.iter().map(|(k, v)| format!("{k}: {v}")).collect();
                format!("{{{}}}", pairs.join(", "))
            });
            let list = prop::collection::vec(inner, 0..3)
                .prop_map(|items| format!("[{}]", items.join(", ")));
            prop_oneof![3 => map, 1 => list]
        })
    }

    /// A value for each child that the schema has, most of them of the right shape.
    fn along(key: Key<'static>, depth: usize) -> BoxedStrategy<String> {
        let children: Vec<_> = key.children().collect();
        if depth == 0 {
            return any_value().boxed();
        }
        if let Some(element) = key.element() {
            let items = prop::collection::vec(along(element, depth - 1), 0..3);
            return items.prop_map(|items| format!("[{}]", items.join(", "))).boxed();
        }
        if children.is_empty() && key.child("any").is_none() {
            return any_value().boxed();
        }
        let known = children.into_iter().map(|(name, child)| (name.to_owned(), child));
        let others = ["__default__", "Unknown"].map(|name| (name.to_owned(), key.child(name)));
        let others = others.into_iter().filter_map(|(name, child)| Some((name, child?)));
        let all: Vec<(String, Key<'static>)> = known.chain(others).collect();
        let count = all.len();
        prop::collection::btree_set(0..count, 0..4.min(count + 1))
            .prop_flat_map(move |places| {
                let pairs: Vec<_> = places
                    .into_iter()
                    .map(|place| {
                        let (name, child) = all[place].clone();
                        along(child, depth - 1).prop_map(move |value| format!("{name}: {value}"))
                    })
                    .collect();
                pairs.prop_map(|pairs| format!("{{{}}}", pairs.join(", ")))
            })
            .boxed()
    }

    proptest! {
        #[test]
        fn any_file_has_the_same_errors(text in any_value()) {
            compare(&text);
        }

        #[test]
        fn files_of_known_keys_have_the_same_errors(
            text in select(Kind::ALL.to_vec()).prop_flat_map(|kind| along(kind.root(), 6))
        ) {
            compare(&text);
        }
    }
}
