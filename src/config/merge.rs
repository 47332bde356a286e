//! Merges several files into the one mapping that Refinery validates.
//!
//! Groups are merged key by key; the value of a key is replaced entirely. Typed values are merged
//! differently (`load`).

use crate::check;
use crate::diagnostic::{Effect, Finding};
use crate::syntax::{Entry, Item, Value};

check!(
    MERGE_CRASH,
    "start/merge-crash",
    Error,
    kind: Verdict,
    "a group is a mapping in one file, but not in an earlier one",
    "When merging the files, Refinery assumes that the earlier value is a mapping, and panics: a new \
     process does not start, and a live reload crashes the running ones."
);

/// Merges whole files, first to last.
///
/// # Errors
/// The finding on which Refinery panics.
pub fn merge(files: &[&Item]) -> Result<Item, Box<Finding>> {
    let Some((first, rest)) = files.split_first() else {
        return Ok(Item::new(Value::Map(Vec::new()), None));
    };
    let mut merged = (*first).clone();
    let Value::Map(groups) = &mut merged.value else { return Ok(merged) };
    for file in rest {
        for group in file.entries() {
            match groups.iter_mut().find(|g| g.key == group.key) {
                None => groups.push(group.clone()),
                Some(earlier) => merge_group(earlier, group)?,
            }
        }
    }
    Ok(merged)
}

fn merge_group(earlier: &mut Entry, later: &Entry) -> Result<(), Box<Finding>> {
    match (&mut earlier.item.value, &later.item.value) {
        (Value::Map(keys), Value::Map(new)) => {
            for entry in new {
                match keys.iter_mut().find(|k| k.key == entry.key) {
                    Some(key) => *key = entry.clone(),
                    None => keys.push(entry.clone()),
                }
            }
        }
        (Value::Null, _) => *earlier = later.clone(),
        (_, Value::Map(_)) => return Err(Box::new(crash(earlier, later))),
        _ => *earlier = later.clone(),
    }
    Ok(())
}

fn crash(earlier: &Entry, later: &Entry) -> Finding {
    let name = &later.key;
    let what = earlier.item.value.noun();
    let mut finding = Finding::new(
        &MERGE_CRASH,
        format!("`{name}` is {what} here, but a mapping in a later file"),
    )
    .help(format!("write `{name}` as a mapping in both files, or in only one of them"))
    .with(Effect::Crashes);
    for (span, text) in [(earlier.key_span, what), (later.key_span, "a mapping")] {
        if let Some(span) = span {
            finding = finding.at(span, text);
        }
    }
    finding
}
