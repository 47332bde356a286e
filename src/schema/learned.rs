//! The schema of a release that was learned: that of the nearest built-in one, with the differences
//! of the release file applied.

use super::describe::{FORMATS, TYPES, definition, describe};
use super::quantity::quantity;
use super::{Kind, Release};
use crate::release::facts::{
    Change, ChangeKind, GroupFacts, Groups, KeyFacts, ReleaseFile, compare, is_zero,
};
use crate::release::learned::learn;
use crate::release::nearest_built_in;
use crate::syntax::{Item, Value};
use serde_json::{Map, Value as Json, json};

/// The facts of the built-in schema of a release.
pub fn facts_of(kind: Kind, release: Release) -> Groups {
    describe(kind, kind.document_of(release), release)
}

fn groups_of(kind: Kind, file: &ReleaseFile) -> &Groups {
    match kind {
        Kind::Config => &file.config,
        Kind::Rules => &file.rules,
    }
}

/// Makes the release of a release file known from now on; whether the file is used. A release that is
/// proved by recordings stays as it is.
///
/// # Errors
/// What is wrong with the text.
pub fn learn_file(text: &str) -> Result<(Release, bool), String> {
    let (release, file) = ReleaseFile::parse(text).map_err(|error| error.to_string())?;
    match find_misfit(&file) {
        Some(misfit) => Err(misfit),
        None => Ok((release, learn(release, file))),
    }
}

/// A limit or a default of a release file that its key cannot have, in words; none where all fit.
fn find_misfit(file: &ReleaseFile) -> Option<String> {
    let groups = file.config.iter().chain(&file.rules);
    let mut keys = groups.flat_map(|(group, facts)| facts.keys.iter().map(move |key| (group, key)));
    keys.find_map(|(group, (key, facts))| {
        let limits = [&facts.minimum, &facts.minimum_or_zero, &facts.maximum];
        let bad_limit = limits.into_iter().flatten().find(|limit| !is_limit(limit));
        let bad_default = facts.default.as_ref().filter(|default| !fits(&facts.kind, default));
        let misfit = bad_limit.or(bad_default)?;
        Some(format!("`{misfit}` does not fit `{group}.{key}` ({})", facts.kind))
    })
}

fn is_limit(value: &Json) -> bool {
    value.is_number() || value.as_str().is_some_and(is_quantity)
}

fn is_quantity(text: &str) -> bool {
    quantity(&Item::new(Value::Text(text.to_owned()), None)).is_some()
}

fn fits(kind: &str, value: &Json) -> bool {
    match kind {
        "int" | "percentage" => value.is_i64(),
        "float" => value.is_number(),
        "bool" | "defaulttrue" => value.is_boolean(),
        "duration" => value.as_str().is_some_and(is_quantity),
        "memorysize" => is_limit(value),
        "string" | "hostport" | "url" => value.is_string(),
        "stringarray" => value.as_array().is_some_and(|all| all.iter().all(Json::is_string)),
        "map" => value.as_object().is_some_and(|all| all.values().all(Json::is_string)),
        _ => true,
    }
}

/// The schema of one kind of file as a release file describes it.
pub(super) fn learned_document(kind: Kind, release: Release, file: &ReleaseFile) -> Json {
    let nearest = nearest_built_in(release);
    let before = describe(kind, kind.document_of(nearest), nearest);
    let mut document = kind.document_of(nearest).to_json();
    let after = groups_of(kind, file);
    for change in compare(&before, after) {
        apply(kind, &mut document, after, &change);
    }
    document
}

fn apply(kind: Kind, document: &mut Json, after: &Groups, change: &Change<'_>) {
    let name = change.group;
    match (&change.kind, change.key) {
        (ChangeKind::NewGroup(facts), _) => add_group(kind, document, name, facts),
        (ChangeKind::GoneGroup, _) => remove_group(kind, document, name),
        (ChangeKind::NewKey(facts), Some(key)) => add_key(kind, document, name, key, facts),
        (ChangeKind::GoneKey, Some(key)) => {
            if let Some(group) = group_node(kind, document, name) {
                child(group, "properties").remove(key);
                set_member(group, "required", key, false);
            }
        }
        (ChangeKind::Fact(fact, ..), Some(key)) => {
            let facts = after.get(name).and_then(|group| group.keys.get(key));
            if let (Some(facts), Some(group)) = (facts, group_node(kind, document, name)) {
                write(group, key, facts, fact);
            }
            if let (Some(facts), "children") = (facts, *fact) {
                write_children(document, &facts.children);
            }
        }
        (ChangeKind::Fact(_, _, last), None) => {
            let after_group = after.get(name);
            if let Some(group) = group_node(kind, document, name) {
                let is_explained = after_group.is_some_and(|group| group.explained);
                write_last_version(group, last.as_ref().and_then(Json::as_str), is_explained);
            }
        }
        _ => {}
    }
}

fn group_node<'d>(
    kind: Kind,
    document: &'d mut Json,
    name: &str,
) -> Option<&'d mut Map<String, Json>> {
    let (place, name) = match kind {
        Kind::Config => ("properties", name),
        Kind::Rules => ("$defs", definition(name)),
    };
    document.get_mut(place)?.get_mut(name)?.as_object_mut()
}

fn add_group(kind: Kind, document: &mut Json, name: &str, facts: &GroupFacts) {
    let mut group = json!({
        "type": ["object", "null"],
        "properties": {},
        "additionalProperties": false,
        "x-refinery": {}
    });
    let Some(root) = document.as_object_mut() else { return };
    match kind {
        Kind::Config => {
            child(root, "properties").insert(name.to_owned(), group);
        }
        Kind::Rules => {
            // What the samplers of a target have: a mapping that must be written.
            group["type"] = json!("object");
            group["x-refinery"] = json!({"go": "*struct"});
            let types = child(root, "$defs");
            types.insert(name.to_owned(), group);
            if name.ends_with("Sampler") {
                let choice = child(child(types, "choice"), "properties");
                choice.insert(name.to_owned(), json!({"$ref": format!("#/$defs/{name}")}));
            }
        }
    }
    if let Some(group) = group_node(kind, document, name) {
        write_last_version(group, facts.last_version.as_deref(), facts.explained);
    }
    for (key, facts) in &facts.keys {
        add_key(kind, document, name, key, facts);
    }
}

fn remove_group(kind: Kind, document: &mut Json, name: &str) {
    let Some(root) = document.as_object_mut() else { return };
    match kind {
        Kind::Config => {
            child(root, "properties").remove(name);
            set_member(root, "required", name, false);
        }
        // Its definition may stay: nothing refers to it any more.
        Kind::Rules => {
            for place in ["choice", "downstream-sampler"] {
                child(child(child(root, "$defs"), place), "properties").remove(name);
            }
        }
    }
}

fn add_key(kind: Kind, document: &mut Json, group_name: &str, key: &str, facts: &KeyFacts) {
    let Some(group) = group_node(kind, document, group_name) else { return };
    let node = json!({"x-refinery": {}});
    child(group, "properties").insert(key.to_owned(), node);
    // The type first: it decides how limits are written.
    for fact in [
        "type",
        "default",
        "choices",
        "minimum",
        "format",
        "not-empty",
        "required",
        "elements",
        "required-with",
        "conflicts-with",
        "no-reserved-headers",
        "last-version",
        "reload",
    ] {
        write(group, key, facts, fact);
    }
    add_options(document, group_name, key, facts);
}

/// The flag and the variables that override a key.
fn add_options(document: &mut Json, group: &str, key: &str, facts: &KeyFacts) {
    let Some(variable) = facts.variables.first() else { return };
    let Some(root) = document.as_object_mut() else { return };
    let option = format!("{group}{key}");
    let go = TYPES
        .iter()
        .find(|(word, _)| *word == facts.kind)
        .and_then(|(_, def)| root.get("$defs")?.get(*def)?.pointer("/x-refinery/go").cloned());
    let mut entry = json!({"env": variable, "go": go.unwrap_or_else(|| json!("string"))});
    if let Some(flag) = &facts.flag {
        entry["flag"] = json!(flag);
    }
    child(child(root, "x-refinery"), "options").insert(option.clone(), entry);
    let node = child(child(child(child(root, "properties"), group), "properties"), key);
    child(node, "x-refinery").insert("options".to_owned(), json!([option]));
}

/// Writes one fact of a key, by its name in the release file, into its group.
fn write(group: &mut Map<String, Json>, key: &str, facts: &KeyFacts, fact: &str) {
    match fact {
        "required" => return set_member(group, "required", key, facts.required),
        "conflicts-with" => {
            let mut names = facts.conflicts_with.clone();
            names.push(key.to_owned());
            names.sort_unstable();
            let is_any = names.len() > 1;
            return set(group, "conflicting", is_any.then(|| json!(names)));
        }
        _ => {}
    }
    let node = child(child(group, "properties"), key);
    let is_quantity = matches!(facts.kind.as_str(), "duration" | "memorysize");
    match fact {
        "type" => write_type(node, facts),
        "default" => {
            let default = facts.default.clone().filter(|default| !is_zero(default));
            set(node, "default", default);
        }
        "choices" | "only-choices" => {
            let choices = (!facts.choices.is_empty()).then(|| json!(facts.choices));
            let (checked, hints) =
                if facts.only_choices { (choices, None) } else { (None, choices) };
            set(node, "enum", checked);
            set(child(node, "x-refinery"), "choices", hints);
        }
        "minimum" | "minimum-or-zero" | "maximum" => {
            let limits = [
                ("minimum", "quantityMinimum", &facts.minimum),
                ("maximum", "quantityMaximum", &facts.maximum),
            ];
            for (plain, quantity, limit) in limits {
                let (used, other) = if is_quantity { (quantity, plain) } else { (plain, quantity) };
                set(node, used, limit.clone());
                set(node, other, None);
            }
            set(node, "quantityMinimumOrZero", facts.minimum_or_zero.clone());
        }
        "format" => {
            let ours = |format: &String| {
                FORMATS.iter().find(|(word, _)| word == format).map(|(_, name)| json!(name))
            };
            set(node, "format", facts.format.as_ref().and_then(ours));
        }
        "not-empty" => set(node, "minLength", facts.not_empty.then(|| json!(1))),
        "elements" => write_elements(node, facts),
        "required-with" => {
            let names = (!facts.required_with.is_empty()).then(|| json!(facts.required_with));
            set(child(node, "x-refinery"), "required-with", names);
        }
        "no-reserved-headers" => {
            let names = facts.no_reserved_headers.then(|| json!({"format": "unreserved-header"}));
            set(node, "propertyNames", names);
        }
        "last-version" | "explained" => {
            write_last_version(node, facts.last_version.as_deref(), facts.explained);
        }
        "reload" => {
            set(child(node, "x-refinery"), "reload", facts.reload.map(Json::Bool));
        }
        _ => {}
    }
}

/// A type that is not known takes any value, which `unknown_type` reports.
fn write_type(node: &mut Map<String, Json>, facts: &KeyFacts) {
    let known = TYPES.iter().find(|(word, _)| *word == facts.kind);
    set(node, "$ref", known.map(|(_, name)| json!(format!("#/$defs/{name}"))));
    let word = known.is_none().then(|| json!(facts.kind));
    let facts = child(node, "x-refinery");
    set(facts, "go", word.is_some().then(|| json!("interface {}")));
    set(facts, "unknown-type", word);
}

fn write_elements(node: &mut Map<String, Json>, facts: &KeyFacts) {
    let known = |word: &String| TYPES.iter().find(|(known, _)| known == word);
    let name = facts.elements.as_ref().and_then(known).map(|(_, name)| name);
    let node_of = |name: &&str| json!({"$ref": format!("#/$defs/{name}")});
    match facts.kind.as_str() {
        "stringarray" => set(node, "items", name.as_ref().copied().map(node_of)),
        "map" => set(node, "additionalProperties", name.as_ref().copied().map(node_of)),
        _ => {}
    }
}

/// What a release says about a key or group that it no longer has.
fn write_last_version(node: &mut Map<String, Json>, last: Option<&str>, is_explained: bool) {
    let facts = child(node, "x-refinery");
    set(facts, "last-version", last.map(|last| json!(last)));
    set(facts, "explained", is_explained.then_some(Json::Bool(true)));
}

/// The samplers that a rule may have.
fn write_children(document: &mut Json, names: &[String]) {
    let Some(root) = document.as_object_mut() else { return };
    let child_of = |name: &String| (name.clone(), json!({"$ref": format!("#/$defs/{name}")}));
    let types = child(root, "$defs");
    let known: Map<String, Json> =
        names.iter().filter(|name| types.contains_key(*name)).map(child_of).collect();
    child(types, "downstream-sampler").insert("properties".to_owned(), Json::Object(known));
}

/// The object of that name below another; made where there is none.
fn child<'n>(node: &'n mut Map<String, Json>, name: &str) -> &'n mut Map<String, Json> {
    let child = node.entry(name.to_owned()).or_insert(Json::Null);
    if !child.is_object() {
        *child = Json::Object(Map::new());
    }
    match child {
        Json::Object(map) => map,
        _ => unreachable!("it was made an object"),
    }
}

fn set(node: &mut Map<String, Json>, name: &str, value: Option<Json>) {
    match value {
        Some(value) => {
            node.insert(name.to_owned(), value);
        }
        None => {
            node.remove(name);
        }
    }
}

/// Adds a name to a list of names, or removes it.
fn set_member(node: &mut Map<String, Json>, list: &str, name: &str, is_in: bool) {
    let mut names: Vec<Json> = node.get(list).and_then(Json::as_array).cloned().unwrap_or_default();
    names.retain(|other| other != name);
    if is_in {
        names.push(json!(name));
    }
    set(node, list, (!names.is_empty()).then_some(Json::Array(names)));
}
