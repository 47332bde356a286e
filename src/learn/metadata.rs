//! One document of metadata → the facts of its keys.

use super::LearnError;
use crate::release::facts::{GroupFacts, Groups, KeyFacts};
use crate::schema::{Kind, knows_type};
use crate::span::FileId;
use crate::syntax::{DataFormat, Document, Item, Value};
use serde_json::{Value as Json, json};

pub struct Metadata {
    pub groups: Groups,
    pub not_understood: Vec<String>,
}

/// # Errors
/// It is not YAML, or does not have the shape of metadata.
pub fn read_metadata(kind: Kind, text: &str) -> Result<Metadata, LearnError> {
    let unreadable = |reason: String| LearnError::Unreadable { kind: kind.word(), reason };
    let document = Document::read(FileId(0), DataFormat::Yaml, text);
    let stops = document.findings.iter().find(|finding| finding.stops_start());
    if let Some(finding) = stops {
        return Err(unreadable(finding.message.clone()));
    }
    let item = document.item.ok_or_else(|| unreadable("it is not YAML".to_owned()))?;
    let groups = item.get("groups").and_then(Item::list).unwrap_or_default();
    let mut metadata = Metadata { groups: Groups::new(), not_understood: Vec::new() };
    for group in groups {
        let Some(name) = text_of(group, "name") else {
            return Err(unreadable("a group has no name".to_owned()));
        };
        let Some(fields) = group.get("fields").and_then(Item::list) else {
            // The list of samplers has no keys of its own.
            continue;
        };
        let mut facts = GroupFacts {
            last_version: text_of(group, "lastversion"),
            explained: is_explained(group),
            ..GroupFacts::default()
        };
        for field in fields {
            let Some(key) = text_of(field, "name") else {
                return Err(unreadable(format!("a key of `{name}` has no name")));
            };
            let read = read_key(field);
            let say = |what: &String| format!("`{name}.{key}`: {what}");
            metadata.not_understood.extend(read.not_understood.iter().map(say));
            facts.keys.insert(key, read);
        }
        metadata.groups.insert(name, facts);
    }
    let first = match kind {
        Kind::Config => "General",
        Kind::Rules => "Conditions",
    };
    if !metadata.groups.contains_key(first) {
        return Err(unreadable(format!("it has no group `{first}`")));
    }
    Ok(metadata)
}

fn read_key(field: &Item) -> KeyFacts {
    let names = |name: &str| {
        let text = text_of(field, name).unwrap_or_default();
        text.split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let flag = ["commandline", "commandLine"].into_iter().find_map(|name| text_of(field, name));
    let mut facts = KeyFacts {
        kind: text_of(field, "type").unwrap_or_default(),
        default: field.get("default").and_then(plain),
        choices: texts(field.get("choices")),
        first_version: ["firstversion", "firstVersion"]
            .into_iter()
            .find_map(|name| field.get(name).and_then(plain))
            .map(|version| version.as_str().map_or_else(|| version.to_string(), str::to_owned)),
        last_version: text_of(field, "lastversion"),
        explained: is_explained(field),
        reload: match field.get("reload").map(|item| &item.value) {
            Some(Value::Bool(is)) => Some(*is),
            _ => None,
        },
        variables: names("envvar"),
        flag,
        ..KeyFacts::default()
    };
    if !knows_type(&facts.kind) {
        facts.not_understood.push(format!("the type `{}` is not known", facts.kind));
    }
    for validation in field.get("validations").and_then(Item::list).unwrap_or_default() {
        validate(&mut facts, validation);
    }
    facts
}

fn validate(facts: &mut KeyFacts, validation: &Item) {
    let word = text_of(validation, "type").unwrap_or_default();
    let argument = validation.get("arg");
    let text = text_of(validation, "arg");
    match word.as_str() {
        "choice" => facts.only_choices = true,
        "minimum" => facts.minimum = argument.and_then(plain),
        "minOrZero" => facts.minimum_or_zero = argument.and_then(plain),
        "maximum" => facts.maximum = argument.and_then(plain),
        "format" => facts.format = text,
        // Of a list it checks nothing.
        "notempty" => {
            facts.not_empty = matches!(facts.kind.as_str(), "string" | "hostport" | "url");
        }
        "required" | "requiredInGroup" => facts.required = true,
        // A list of strings is what it is anyway.
        "elementType" if facts.kind == "stringarray" && text.as_deref() == Some("string") => {}
        "elementType" => facts.elements = text,
        "validChildren" => facts.children = texts(argument),
        "requiredWith" => facts.required_with.extend(text),
        "conflictsWith" => facts.conflicts_with.extend(text),
        "noReservedHeaders" => facts.no_reserved_headers = true,
        _ => facts.not_understood.push(format!("the validation `{word}` is not known")),
    }
}

fn is_explained(item: &Item) -> bool {
    text_of(item, "deprecationtext").is_some_and(|text| !text.is_empty())
}

fn text_of(item: &Item, name: &str) -> Option<String> {
    item.get(name)?.text().map(str::to_owned)
}

fn texts(item: Option<&Item>) -> Vec<String> {
    let items = item.and_then(Item::list).unwrap_or_default();
    items.iter().filter_map(|item| Some(item.text()?.to_owned())).collect()
}

/// A value as JSON; none where it is null or has no counterpart.
fn plain(item: &Item) -> Option<Json> {
    Some(match &item.value {
        Value::Bool(is) => json!(is),
        Value::Int(n) | Value::Long(n) => json!(n),
        Value::Unsigned(n) => json!(n),
        Value::Float(n) => json!(n),
        Value::Text(text) => json!(text),
        Value::List(items) => Json::Array(items.iter().filter_map(plain).collect()),
        _ => return None,
    })
}
