//! Keys that a mapping defines twice.

use super::faults::DUPLICATE_KEY;
use super::tree::{Body, NodeId, Tree};
use crate::diagnostic::Finding;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// The findings about all keys that a mapping defines again. If the first key of a list item is
/// repeated, the `-` of the next item may be missing; then the keys after it are those of that item.
pub fn find_duplicates<'t>(
    tree: &'t Tree,
    entries: &'t [(NodeId, NodeId)],
    is_item: bool,
) -> impl Iterator<Item = Finding> {
    // go-yaml takes an alias and its target for different keys.
    let mut seen: HashMap<(bool, &str), NodeId, RandomState> =
        HashMap::with_capacity_and_hasher(entries.len(), RandomState::default());
    let mut is_next_item = false;
    let first_of_all = entries.first().map(|(key, _)| *key).filter(|_| is_item);
    entries.iter().filter_map(move |&(key, _)| {
        let node = tree.get(key);
        let name = match &node.body {
            Body::Scalar { text, .. } => (false, text.as_str()),
            Body::Alias { name, .. } => (true, name.as_str()),
            _ => return None,
        };
        let Some(&first) = seen.get(&name) else {
            seen.insert(name, key);
            return None;
        };
        if is_next_item {
            return None;
        }
        is_next_item = first_of_all == Some(first);
        let name = tree.text(key).unwrap_or_default();
        let help = if is_next_item {
            format!("start the next item with `- {name}`, or remove one of them")
        } else {
            "remove one of them".to_owned()
        };
        let message = if is_next_item {
            format!("duplicate key `{name}` in one item, or missing `- ` before it")
        } else {
            format!("duplicate key `{name}`")
        };
        let finding = Finding::new(&DUPLICATE_KEY, message)
            .at(node.span, "defined again here")
            .at(tree.get(first).span, "first defined here");
        Some(finding.help(help))
    })
}
