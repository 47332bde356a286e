//! `ConfigMap`s and Secrets with files of Refinery's under fields that Kubernetes does not know, or of a
//! kind that it does not know.

use super::kind;
use crate::deploy::chart::find::find;
use crate::deploy::content::{Group, INVALID_DATA};
use crate::deploy::{Outer, list, strings};
use crate::diagnostic::Finding;
use crate::sniff::file_name::kind_of_name;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::path::format_of;
use strsim::levenshtein;

/// Kinds of maps, and the fields of each.
const KINDS: [(&str, &[&str]); 2] = [
    ("ConfigMap", &["apiVersion", "kind", "metadata", "data", "binaryData", "immutable"]),
    ("Secret", &["apiVersion", "kind", "metadata", "data", "stringData", "immutable", "type"]),
];

/// Fields of `metadata` with any keys, or none.
const FREE: [&str; 2] = ["annotations", "labels"];

/// The largest distance of a misspelled kind or field.
const NEAR: usize = 2;

/// Reports what Kubernetes does not know in the maps of a document.
pub fn find_invalid(outer: Outer<'_>, document: &Item) -> Vec<Finding> {
    let is_list = kind(document).is_some_and(|kind| kind.ends_with("List"));
    let objects = if is_list { list(document, "items") } else { std::slice::from_ref(document) };
    objects.iter().flat_map(|object| find_in_object(outer, object)).collect()
}

fn find_in_object(outer: Outer<'_>, object: &Item) -> Vec<Finding> {
    let is_core = object.get("apiVersion").and_then(Item::text) == Some("v1");
    let Some(kind) = kind(object).filter(|_| is_core) else { return Vec::new() };
    let mistyped = find_mistyped(kind, object);
    // Most maps are not Refinery's.
    if !mistyped.is_empty() || !has_files(outer, object) {
        return mistyped;
    }
    if let Some((_, fields)) = KINDS.iter().find(|(known, _)| *known == kind) {
        let entries = object.entries().iter().filter(|entry| !fields.contains(&entry.key.as_str()));
        let metadata = object.get("metadata").map(Item::entries).unwrap_or_default().iter();
        let metadata = metadata.filter(|entry| !FREE.contains(&entry.key.as_str()));
        let unknown = entries.chain(metadata).filter(|entry| is_ours(outer, entry));
        return unknown.map(|entry| find_unknown(kind, fields, entry)).collect();
    }
    let is_near =
        |known: &str| known.eq_ignore_ascii_case(kind) || levenshtein(known, kind) <= NEAR;
    let meant = KINDS.iter().find(|(known, _)| is_near(known));
    let found = meant.map(|(meant, _)| {
        let span = object.get("kind").and_then(|kind| kind.span);
        let finding = Finding::new(&INVALID_DATA, format!("unknown kind `{kind}`"));
        let finding = finding.at_some(span, "Kubernetes rejects this");
        finding.help(format!("did you mean `{meant}`?")).refuses()
    });
    found.into_iter().collect()
}

/// Reports values of Refinery's chart in a map that are not strings, because `|` is missing.
fn find_mistyped(kind: &str, object: &Item) -> Vec<Finding> {
    let is_group = |key: &str| Group::of(key, kind).is_some();
    let groups = object.entries().iter().filter(|entry| is_group(&entry.key));
    let entries = groups.flat_map(|group| group.item.entries());
    let wrong =
        entries.filter(|entry| entry.item.text().is_none() && !find(&entry.item).is_empty());
    let report = |entry: &Entry| {
        let finding = Finding::new(&INVALID_DATA, format!("`{}` must be a string", entry.key));
        let finding = finding.at_some(entry.key_span, "Kubernetes rejects this");
        finding.help("write `|` after the colon").refuses()
    };
    wrong.map(report).collect()
}

/// Whether an item contains files of Refinery's.
fn has_files(outer: Outer<'_>, item: &Item) -> bool {
    !strings::find(outer, item).is_empty()
}

/// Whether an entry of an object with files of Refinery's contains or is one of them.
fn is_ours(outer: Outer<'_>, entry: &Entry) -> bool {
    let is_named = format_of(&entry.key).is_some() && kind_of_name(&entry.key).is_some();
    let alone = Item { value: Value::Map(vec![entry.clone()]), ..entry.item.clone() };
    is_named || has_files(outer, &alone)
}

fn find_unknown(kind: &str, fields: &[&str], entry: &Entry) -> Finding {
    let finding = Finding::new(&INVALID_DATA, format!("unknown field `{}` in a {kind}", entry.key));
    let finding = finding.at_some(entry.key_span, "Kubernetes rejects this");
    let near = fields.iter().find(|field| levenshtein(field, &entry.key) <= NEAR);
    let help = match near {
        Some(near) if *near != entry.key => format!("did you mean `{near}`?"),
        Some(near) => format!("move `{near}` to the top level"),
        None if entry.item.text().is_some() => "indent it under `data`".to_owned(),
        None => "rename it to `data`".to_owned(),
    };
    finding.help(help).refuses()
}
