//! `kubernetes_manifest` of Terraform, whose provider makes strings of numbers and booleans where
//! Kubernetes takes strings.

use crate::deploy::word;
use crate::syntax::{Item, Value};

/// Keys of strings, and of lists and mappings of strings.
const STRINGS: [&str; 5] = ["value", "args", "command", "data", "stringData"];

/// The maximum depth of an object.
const DEEPEST: usize = 32;

/// Makes strings of the values of all manifests in a document.
pub fn write_strings(document: &mut Item) {
    let resources = entries_named(document, "resource");
    for manifests in resources.flat_map(|all| entries_named(all, "kubernetes_manifest")) {
        for labelled in manifests.entries_mut() {
            let Value::List(all) = &mut labelled.item.value else { continue };
            all.iter_mut()
                .flat_map(|item| entries_named(item, "manifest"))
                .for_each(|it| write(it, false, 0));
        }
    }
}

fn entries_named<'i>(item: &'i mut Item, key: &'i str) -> impl Iterator<Item = &'i mut Item> {
    let entries = item.entries_mut().iter_mut();
    entries.filter(move |entry| entry.key == key).map(|entry| &mut entry.item)
}

fn write(item: &mut Item, is_text: bool, depth: usize) {
    if depth >= DEEPEST {
        return;
    }
    match &mut item.value {
        Value::Map(entries) => entries.iter_mut().for_each(|entry| {
            let is_text = is_text || STRINGS.contains(&entry.key.as_str());
            write(&mut entry.item, is_text, depth + 1);
        }),
        Value::List(items) => items.iter_mut().for_each(|item| write(item, is_text, depth + 1)),
        Value::Null | Value::Text(_) => {}
        _ => {
            if let Some(text) = word(item).filter(|_| is_text) {
                item.value = Value::Text(text);
            }
        }
    }
}
