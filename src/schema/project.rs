//! Projects the schema of all releases to one release.
//!
//! A key has `x-refinery.since` and `x-refinery.before`, which maps releases to merge patches (RFC
//! 7396) for everything before that release. Projecting drops keys that are too new and applies the
//! patches from the newest to the oldest.

use super::Release;
use serde_json::{Map, Value};

/// The schema as it was in `release`.
pub fn project(schema: &Value, release: Release) -> Value {
    match schema {
        Value::Object(map) => match undo_later_changes(map, release) {
            Some(older) => project_map(&older, release),
            None => project_map(map, release),
        },
        Value::Array(items) => items.iter().map(|item| project(item, release)).collect(),
        other => other.clone(),
    }
}

/// Copies everything that the release has.
fn project_map(map: &Map<String, Value>, release: Release) -> Value {
    let mut projected = Map::with_capacity(map.len());
    for (name, child) in map {
        let child = match (name.as_str(), child) {
            ("properties" | "loaded" | "$defs", Value::Object(children)) => {
                let known = children.iter().filter(|(_, child)| !is_newer(child, release));
                known.map(|(name, child)| (name.clone(), project(child, release))).collect()
            }
            ("before", _) => continue,
            _ => project(child, release),
        };
        projected.insert(name.clone(), child);
    }
    Value::Object(projected)
}

fn is_newer(node: &Value, release: Release) -> bool {
    let since = node.get("x-refinery").and_then(|facts| facts.get("since"));
    since.and_then(Value::as_str).and_then(Release::parse).is_some_and(|since| since > release)
}

/// The node without the changes that came after the release; `None` if there were none.
fn undo_later_changes(map: &Map<String, Value>, release: Release) -> Option<Map<String, Value>> {
    let before = map.get("x-refinery")?.get("before")?.as_object()?;
    let mut patches: Vec<(Release, &Value)> = before
        .iter()
        .filter_map(|(name, patch)| Release::parse(name).map(|r| (r, patch)))
        .filter(|(changed, _)| release < *changed)
        .collect();
    if patches.is_empty() {
        return None;
    }
    patches.sort_unstable_by_key(|(changed, _)| std::cmp::Reverse(*changed));
    let mut older = map.clone();
    for (_, patch) in patches {
        merge(&mut older, patch.clone());
    }
    // The patches must not be applied twice.
    if let Some(Value::Object(facts)) = older.get_mut("x-refinery") {
        facts.remove("before");
    }
    Some(older)
}

/// RFC 7396: null deletes, objects are merged, everything else replaces.
fn merge(target: &mut Map<String, Value>, patch: Value) {
    let Value::Object(patch) = patch else { return };
    for (key, value) in patch {
        match value {
            Value::Null => {
                target.remove(&key);
            }
            Value::Object(_) => {
                let child = target.entry(key).or_insert_with(|| Value::Object(Map::new()));
                if !child.is_object() {
                    *child = Value::Object(Map::new());
                }
                if let Value::Object(child) = child {
                    merge(child, value);
                }
            }
            _ => {
                target.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patches_apply_from_the_newest_to_the_oldest() {
        let schema = json!({"properties": {
            "a": {"default": 3, "x-refinery": {"before": {
                "v3.0.0": {"default": 2}, "v2.1.0": {"default": null, "minimum": 1}}}},
            "b": {"x-refinery": {"since": "v3.0.0"}}}});
        let at = |r: &str| project(&schema, Release::parse(r).unwrap());
        assert_eq!(at("v3.0.0")["properties"]["a"], json!({"default": 3, "x-refinery": {}}));
        assert_eq!(at("v2.1.0")["properties"]["a"]["default"], 2);
        let oldest = at("v2.0.0");
        assert_eq!(oldest["properties"]["a"], json!({"minimum": 1, "x-refinery": {}}));
        assert!(oldest["properties"].get("b").is_none());
    }
}
