//! Applications of an `ApplicationSet` whose values have parameters: `SampleRate: {{rate}}`.
//!
//! Must not follow values files, whose paths have parameters too.

use super::loader::Loader;
use super::parameters::{filled, find};
use super::{Outer, at};
use crate::syntax::{Item, Value};

/// Keys of values in the `helm` of a source.
const VALUES: [&str; 2] = ["values", "valuesObject"];

/// The maximum depth of a template.
const DEEPEST: usize = 32;

/// The most applications that are opened.
const MOST: usize = 100;

/// Whether a document is an `ApplicationSet`.
pub fn is_set(item: &Item) -> bool {
    item.get("kind").and_then(Item::text) == Some("ApplicationSet")
}

/// A set for each application whose parameters are known, with these in its values, and its name if there
/// are several. `None` if no values depend on known parameters.
pub fn variants(
    outer: Outer<'_>,
    set: &Item,
    loader: &Loader<'_>,
) -> Option<Vec<(Option<String>, Item)>> {
    if !is_set(set) || !set.any(&|item| item.text().is_some_and(|text| text.contains("{{"))) {
        return None;
    }
    let title = at(set, &["spec", "template", "metadata", "name"]).and_then(Item::text);
    let mut all: Vec<(Option<String>, Item)> = Vec::new();
    for known in find(outer, set, loader).iter().take(MOST) {
        let mut variant = set.clone();
        let mut is_changed = false;
        fill(&mut variant, false, 0, &mut |text| {
            let filled = filled(text, known).filter(|filled| filled != text)?;
            is_changed = true;
            Some(filled)
        });
        if is_changed && all.iter().all(|(_, other)| *other != variant) {
            all.push((title.and_then(|title| filled(title, known)), variant));
        }
    }
    if let [(title, _)] = &mut all[..] {
        *title = None;
    }
    (!all.is_empty()).then_some(all)
}

fn fill(
    item: &mut Item,
    is_values: bool,
    depth: usize,
    change: &mut impl FnMut(&str) -> Option<String>,
) {
    if depth >= DEEPEST {
        return;
    }
    match &mut item.value {
        Value::Text(text) if is_values && text.contains("{{") => {
            if let Some(filled) = change(text) {
                *text = filled;
            }
        }
        Value::List(items) => {
            for item in items {
                fill(item, is_values, depth + 1, change);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                let is_values = is_values || VALUES.contains(&entry.key.as_str());
                fill(&mut entry.item, is_values, depth + 1, change);
            }
        }
        _ => {}
    }
}
