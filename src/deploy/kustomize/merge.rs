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

/// The key of a directive: how a mapping, or the list around it, is merged.
const DIRECTIVE: &str = "$patch";

/// The key of the list of keys that remain of a mapping.
pub const RETAINED: &str = "$retainKeys";

/// The beginning of the keys for the order of elements, which nothing that Refinery reads depends on.
const ORDER: &str = "$setElementOrder/";

/// Whether it has a directive that is not modelled, such as `$deleteFromPrimitiveList/args`.
pub fn has_other_directive(item: &Item) -> bool {
    let is_modelled = |entry: &Entry| match entry.key.as_str() {
        DIRECTIVE => matches!(entry.item.text(), Some("replace" | "delete" | "merge")),
        key => key == RETAINED || key.starts_with(ORDER),
    };
    let is_other = |entry: &Entry| is_directive(&entry.key) && !is_modelled(entry);
    item.entries().iter().any(is_other)
}

fn is_directive(key: &str) -> bool {
    key.starts_with('$')
}

/// How a mapping says it is to be merged.
pub fn directive(item: &Item) -> Option<&str> {
    item.get(DIRECTIVE).and_then(Item::text)
}

/// The same mapping without its directives.
fn plain(item: &Item) -> Item {
    let mut item = item.clone();
    if let Some(entries) = item.value.as_entries_mut() {
        entries.retain(|entry| !is_directive(&entry.key));
    }
    item
}

/// Merges the value of `key`; null removes it.
pub fn merge(into: &mut Item, patch: &Item, key: &str) {
    match (&mut into.value, &patch.value) {
        _ if directive(patch) == Some("replace") => *into = plain(patch),
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
        Some(change) if is_removal(&change.item) => false,
        Some(change) => {
            merge(&mut entry.item, &change.item, &change.key);
            true
        }
        None => true,
    });
    let is_new = |change: &&Entry| {
        new.contains_key(change.key.as_str())
            && !is_directive(&change.key)
            && !is_removal(&change.item)
    };
    let new = changes.iter().filter(is_new);
    known.extend(new.map(|change| Entry { item: plain(&change.item), ..change.clone() }));
    let retained = changes.iter().find(|change| change.key == RETAINED);
    if let Some(retained) = retained.and_then(|change| change.item.list()) {
        known.retain(|entry| retained.iter().any(|key| key.text() == Some(&entry.key)));
    }
}

/// Elements of the patch come first, in its order. One that only has a directive is for the list.
fn merge_elements(known: &mut Vec<Item>, changes: &[Item], name: &str) {
    let named = |item: &Item| item.get(name).and_then(word);
    let is_of_list = |change: &&Item| change.entries().len() == 1 && directive(change).is_some();
    let (of_list, changes): (Vec<_>, Vec<_>) = changes.iter().partition(is_of_list);
    if of_list.iter().any(|change| directive(change) == Some("replace")) {
        known.clear();
    }
    let mut rest: Vec<Option<Item>> = std::mem::take(known).into_iter().map(Some).collect();
    let mut places = HashMap::new();
    for (place, item) in rest.iter().flatten().enumerate() {
        places.entry(named(item)).or_insert(place);
    }
    for change in changes {
        let place = places.remove(&named(change));
        let before = place.and_then(|place| rest.get_mut(place)?.take());
        match before {
            _ if is_removal(change) => {}
            Some(mut item) => {
                merge(&mut item, change, "");
                known.push(item);
            }
            None => known.push(plain(change)),
        }
    }
    known.extend(rest.into_iter().flatten());
}

/// Whether a change removes what it is merged into.
fn is_removal(item: &Item) -> bool {
    item.value == Value::Null || directive(item) == Some("delete")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    /// Removes spans.
    fn bare(item: &Item) -> Item {
        let plain_entry = |entry: &Entry| Entry {
            key: entry.key.clone(),
            key_span: None,
            item: bare(&entry.item),
        };
        let value = match &item.value {
            Value::List(items) => Value::List(items.iter().map(bare).collect()),
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
            ("{a: {b: 1}, c: 2}", "{a: {$patch: replace, d: 3}}", "{a: {d: 3}, c: 2}"),
            ("{a: {b: 1}, c: 2}", "{a: {$patch: delete}}", "{c: 2}"),
            ("{a: {b: 1}}", "{a: {$patch: merge, d: 3}}", "{a: {b: 1, d: 3}}"),
            ("{a: 1}", "{b: {$patch: replace, d: 3}}", "{a: 1, b: {d: 3}}"),
            ("{a: 1, b: 2}", "{$retainKeys: [a, c], c: 3}", "{a: 1, c: 3}"),
            (
                "{env: [{name: a}, {name: b}]}",
                "{$setElementOrder/env: [{name: b}], env: [{name: b, value: 3}]}",
                "{env: [{name: b, value: 3}, {name: a}]}",
            ),
            (
                "{env: [{name: a, value: 1}, {name: b}]}",
                "{env: [{name: a, $patch: delete}, {name: c, $patch: delete}]}",
                "{env: [{name: b}]}",
            ),
            (
                "{env: [{name: a, value: 1}, {name: b}]}",
                "{env: [{$patch: replace}, {name: c}]}",
                "{env: [{name: c}]}",
            ),
            (
                "{env: [{name: a, value: 1}]}",
                "{env: [{name: a, $patch: replace, x: 2}]}",
                "{env: [{name: a, x: 2}]}",
            ),
        ] {
            let mut merged = read(known);
            merge(&mut merged, &read(patch), "");
            assert_eq!(bare(&merged), bare(&read(expected)), "{known} {patch}");
        }
    }
}
