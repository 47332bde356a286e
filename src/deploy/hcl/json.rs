//! HCL's JSON syntax, in files such as `main.tf.json` and those of CDK for Terraform.
//!
//! Strings are templates of HCL. Blocks may be single objects where HCL has a list of them.

use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::path::split_extension;

/// Blocks, and the number of labels that they have.
const BLOCKS: [(&str, usize); 6] = [
    ("resource", 2),
    ("data", 2),
    ("module", 1),
    ("variable", 1),
    ("provider", 1),
    ("terraform", 0),
];

/// Whether a file of Terraform is in this syntax.
pub fn is_json(name: &str) -> bool {
    split_extension(name).1 == "json"
}

/// The value of a template at a place, if it is one.
type Evaluate<'e> = dyn FnMut(&str, Option<Span>) -> Option<Item> + 'e;

/// A document in the shape of that of a file in HCL's own syntax.
pub fn evaluate(mut document: Item, value: &mut Evaluate<'_>) -> Item {
    for entry in document.entries_mut() {
        if let Some((_, labels)) = BLOCKS.iter().find(|(name, _)| *name == entry.key) {
            make_lists(&mut entry.item, *labels);
        }
        if entry.key == "module" {
            entry.item.entries_mut().iter_mut().for_each(remove_address);
        }
    }
    evaluate_below(&mut document, value);
    document
}

/// Makes the block below some labels a list.
fn make_lists(item: &mut Item, labels: usize) {
    match &item.value {
        Value::Map(_) if labels > 0 => {
            for entry in item.entries_mut() {
                make_lists(&mut entry.item, labels - 1);
            }
        }
        Value::Map(_) => {
            let span = item.span;
            let block = std::mem::replace(item, Item::new(Value::Null, span));
            item.value = Value::List(vec![block]);
        }
        _ => {}
    }
}

/// Removes the address and version of a module; the rest are inputs of it.
fn remove_address(module: &mut Entry) {
    if let Value::List(blocks) = &mut module.item.value {
        for block in blocks {
            if let Some(entries) = block.value.as_entries_mut() {
                entries.retain(|entry| !["source", "version"].contains(&entry.key.as_str()));
            }
        }
    }
}

fn evaluate_below(item: &mut Item, value: &mut Evaluate<'_>) {
    match &mut item.value {
        Value::Text(text) if text.contains("${") => {
            if let Some(value) = value(text, item.span) {
                *item = value;
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| evaluate_below(item, value)),
        Value::Map(entries) => {
            for entry in entries {
                evaluate_below(&mut entry.item, value);
            }
        }
        _ => {}
    }
}
