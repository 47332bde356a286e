//! One schema for all releases → the schema of one release.
//!
//! A key carries `x-refinery.since` and `x-refinery.before`: merge patches (RFC 7396) that say what
//! was different before a release. Projecting drops keys that are too new and applies the patches
//! from the newest down.

use super::release::Release;
use serde_json::{Map, Value};

/// The schema as it was in `release`.
pub fn project(schema: &Value, release: Release) -> Value {
    let mut projected = schema.clone();
    walk(&mut projected, release);
    projected
}

fn walk(node: &mut Value, release: Release) {
    match node {
        Value::Object(map) => {
            undo_later_changes(map, release);
            for key in ["properties", "$defs"] {
                if let Some(Value::Object(children)) = map.get_mut(key) {
                    children.retain(|_, child| !is_newer(child, release));
                }
            }
            map.values_mut().for_each(|child| walk(child, release));
        }
        Value::Array(items) => items.iter_mut().for_each(|child| walk(child, release)),
        _ => {}
    }
}

fn is_newer(node: &Value, release: Release) -> bool {
    node.pointer("/x-refinery/since")
        .and_then(Value::as_str)
        .and_then(Release::parse)
        .is_some_and(|since| since > release)
}

fn undo_later_changes(map: &mut Map<String, Value>, release: Release) {
    let before = map.get_mut("x-refinery").and_then(Value::as_object_mut);
    let Some(Value::Object(before)) = before.and_then(|x| x.remove("before")) else {
        return;
    };
    let mut patches: Vec<(Release, Value)> = before
        .into_iter()
        .filter_map(|(name, patch)| Release::parse(&name).map(|r| (r, patch)))
        .filter(|(changed, _)| release < *changed)
        .collect();
    patches.sort_unstable_by_key(|(changed, _)| std::cmp::Reverse(*changed));
    for (_, patch) in patches {
        merge(map, patch);
    }
}

/// RFC 7396: null deletes, objects merge, all else replaces.
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
    fn patches_apply_from_the_newest_down() {
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
