//! Strategic merge of objects: mappings by key, some lists by the merge key of their elements,
//! everything else is replaced.

use crate::deploy::word;
use crate::syntax::{Entry, Item, Value};
use std::collections::HashMap;

/// The merge key of the elements of a list.
fn name_of_elements(key: &str) -> Option<&'static str> {
    match key {
        "containers" | "initContainers" | "volumes" | "env" => Some("name"),
        "volumeMounts" => Some("mountPath"),
        _ => None,
    }
}

/// Merges the value of `key`; null removes it.
pub fn merge(into: &mut Item, patch: &Item, key: &str) {
    match (&mut into.value, &patch.value) {
        (Value::Map(known), Value::Map(changes)) => merge_entries(known, changes),
        (Value::List(known), Value::List(changes)) => match name_of_elements(key) {
            Some(name) => merge_elements(known, changes, name),
            None => *into = patch.clone(),
        },
        _ => *into = patch.clone(),
    }
}

fn merge_entries(known: &mut Vec<Entry>, changes: &[Entry]) {
    let mut new: HashMap<&str, &Entry> =
        changes.iter().map(|change| (change.key.as_str(), change)).collect();
    known.retain_mut(|entry| match new.remove(entry.key.as_str()) {
        Some(change) if is_null(&change.item) => false,
        Some(change) => {
            merge(&mut entry.item, &change.item, &change.key);
            true
        }
        None => true,
    });
    let is_new = |c: &&Entry| new.contains_key(c.key.as_str()) && !is_null(&c.item);
    known.extend(changes.iter().filter(is_new).cloned());
}

/// Elements of the patch come first, in its order.
fn merge_elements(known: &mut Vec<Item>, changes: &[Item], name: &str) {
    let named = |item: &Item| item.get(name).and_then(word);
    let mut rest: Vec<Option<Item>> = std::mem::take(known).into_iter().map(Some).collect();
    let mut places = HashMap::new();
    for (place, item) in rest.iter().flatten().enumerate() {
        places.entry(named(item)).or_insert(place);
    }
    for change in changes {
        let place = places.remove(&named(change));
        match place.and_then(|place| rest.get_mut(place)?.take()) {
            Some(mut item) => {
                merge(&mut item, change, "");
                known.push(item);
            }
            None => known.push(change.clone()),
        }
    }
    known.extend(rest.into_iter().flatten());
}

fn is_null(item: &Item) -> bool {
    item.value == Value::Null
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    /// Removes spans.
    fn plain(item: &Item) -> Item {
        let plain_entry = |entry: &Entry| Entry {
            key: entry.key.clone(),
            key_span: None,
            item: plain(&entry.item),
        };
        let value = match &item.value {
            Value::List(items) => Value::List(items.iter().map(plain).collect()),
            Value::Map(entries) => Value::Map(entries.iter().map(plain_entry).collect()),
            value => value.clone(),
        };
        Item::new(value, None)
    }

    #[test]
    fn merges_patches_like_kustomize() {
        let read = |text: &str| read_item(FileId(0), text).unwrap();
        for (known, patch, expected) in [
            ("{a: 1, b: {c: 2}}", "{b: {d: 3}}", "{a: 1, b: {c: 2, d: 3}}"),
            ("{a: 1, b: 2}", "{a: null, c: null}", "{b: 2}"),
            ("{args: [a, b]}", "{args: [c]}", "{args: [c]}"),
            (
                "{env: [{name: a, value: 1}, {name: b, value: 2}]}",
                "{env: [{name: b, value: 3}, {name: c}]}",
                "{env: [{name: b, value: 3}, {name: c}, {name: a, value: 1}]}",
            ),
            (
                "{volumeMounts: [{mountPath: /a, name: x}]}",
                "{volumeMounts: [{mountPath: /b, name: x}]}",
                "{volumeMounts: [{mountPath: /b, name: x}, {mountPath: /a, name: x}]}",
            ),
        ] {
            let mut merged = read(known);
            merge(&mut merged, &read(patch), "");
            assert_eq!(plain(&merged), plain(&read(expected)), "{known} {patch}");
        }
    }
}
