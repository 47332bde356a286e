//! Blocks of HCL in the shape of HCL's own JSON syntax.

use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::path::join;
use hcl_edit::structure::{Block, BlockLabel};

pub fn is(block: &Block, ident: &str) -> bool {
    block.ident.as_str() == ident
}

/// Adds a block: a list of all blocks of its name or, with labels, nested mappings.
pub fn add_block(entries: &mut Vec<Entry>, block: &Block, item: Item, place: Option<Span>) {
    let mut into = entries;
    let labels = block.labels.iter().map(BlockLabel::as_str);
    let path: Vec<&str> = std::iter::once(block.ident.as_str()).chain(labels).collect();
    let Some((last, around)) = path.split_last() else { return };
    for key in around {
        let inner = entry(into, key, place, || Value::Map(Vec::new()));
        let Some(inner) = inner.item.value.as_entries_mut() else { return };
        into = inner;
    }
    add_to_list(into, last, item, place);
}

/// Adds a block without labels to the list of all blocks of its name.
pub fn add_to_list(entries: &mut Vec<Entry>, name: &str, item: Item, place: Option<Span>) {
    let list = entry(entries, name, place, || Value::List(Vec::new()));
    if let Value::List(items) = &mut list.item.value {
        items.push(item);
    }
}

/// The entry of a key, added if it is missing.
fn entry<'e>(
    entries: &'e mut Vec<Entry>,
    key: &str,
    place: Option<Span>,
    value: impl FnOnce() -> Value,
) -> &'e mut Entry {
    let at = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
        let item = Item::new(value(), place);
        entries.push(Entry { key: key.to_owned(), key_span: place, item });
        entries.len() - 1
    });
    &mut entries[at]
}

/// Whether a block names where tools download providers and plugins from, by their local names.
pub fn names_addresses(block: &Block) -> bool {
    is(block, "required_providers") || is(block, "required_plugins")
}

/// Removes the address and version of what a block calls; the rest are inputs of it.
pub fn remove_addresses(block: &Block, item: &mut Item) {
    let keys: &[&str] = match block.ident.as_str() {
        "module" | "unit" | "stack" => &["source", "version"],
        "terraform" => &["source"],
        _ => &[],
    };
    if let Value::Map(entries) = &mut item.value {
        entries.retain(|entry| !keys.contains(&entry.key.as_str()));
    }
}

/// Whether a source of a module in a file of this folder is the module in the folder `own`:
/// `../modules/x`, or `…//modules/x?ref=v1` in Terragrunt and for modules in git.
pub fn is_source(word: &str, folder: &str, own: &str) -> bool {
    let word = word.split('?').next().unwrap_or_default();
    let within = word.split_once("://").map_or(word, |(_, rest)| rest).rsplit_once("//");
    let is_end = |path: &str| own == path || own.ends_with(&format!("/{path}"));
    own == join(folder, word) || within.is_some_and(|(_, path)| !path.is_empty() && is_end(path))
}
