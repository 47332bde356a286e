//! A strategic merge of one object into another: maps key by key, some lists by what names their
//! elements, all else replaced.

use super::transform::get_mut;
use crate::syntax::{Item, Value};

/// What names an element of a list below this key.
fn name_of_elements(key: &str) -> Option<&'static str> {
    match key {
        "containers" | "initContainers" | "volumes" | "env" => Some("name"),
        "volumeMounts" => Some("mountPath"),
        _ => None,
    }
}

/// Merges what stands below `key`; a null takes away.
pub fn merge(into: &mut Item, patch: &Item, key: &str) {
    match (&mut into.value, &patch.value) {
        (Value::Map(known), Value::Map(changes)) => {
            known.retain(|entry| !changes.iter().any(|c| c.key == entry.key && is_null(&c.item)));
            for change in changes.iter().filter(|change| !is_null(&change.item)) {
                match get_mut(into, &change.key) {
                    Some(known) => merge(known, &change.item, &change.key),
                    None => into.value.as_entries_mut().into_iter().for_each(|known| {
                        known.push(change.clone());
                    }),
                }
            }
        }
        (Value::List(known), Value::List(changes)) => match name_of_elements(key) {
            Some(name) => merge_elements(known, changes, name),
            None => *into = patch.clone(),
        },
        _ => *into = patch.clone(),
    }
}

/// What a patch names comes first, in its order.
fn merge_elements(known: &mut Vec<Item>, changes: &[Item], name: &str) {
    let mut rest = std::mem::take(known);
    for change in changes {
        let named = |item: &Item| item.get(name).map(|name| name.value.clone());
        match rest.iter().position(|item| named(item) == named(change)) {
            Some(place) => {
                let mut item = rest.remove(place);
                merge(&mut item, change, "");
                known.push(item);
            }
            None => known.push(change.clone()),
        }
    }
    known.append(&mut rest);
}

fn is_null(item: &Item) -> bool {
    item.value == Value::Null
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::container::read_item;
    use crate::span::FileId;
    use crate::syntax::Entry;

    /// Without places.
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
    fn patches_are_merged_as_kustomize_does() {
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
