//! Several files → the one map that the engine's validator looks at.
//!
//! Groups merge key by key, a key's value is replaced whole. The load of typed values merges
//! differently (`load`).

use crate::check;
use crate::diagnostic::Finding;
use crate::syntax::{Entry, Item, Value};

check!(
    MERGE_CRASH,
    "start/merge-crash",
    Error,
    "a group is no mapping in one file and a mapping in a later one",
    "merging the files, the engine takes the earlier value for a mapping without looking, and the \
     process ends with a panic"
);

/// Merges whole files, first to last.
///
/// # Errors
/// The finding on which the engine panics.
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
        format!("`{name}` is {what} here and a mapping in a later file"),
    )
    .help(format!("write `{name}` as a mapping in both files, or in one alone"))
    .refuses();
    for (span, text) in [(earlier.key_span, what), (later.key_span, "a mapping")] {
        if let Some(span) = span {
            finding = finding.at(span, text);
        }
    }
    finding
}
