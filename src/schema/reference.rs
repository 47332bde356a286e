//! What `$ref` refers to. Used by `build.rs`, too.

use serde_json::Value;

/// The type definition that a node refers to. The schemas have no other references.
pub fn referred<'d>(node: &Value, document: &'d Value) -> Option<&'d Value> {
    let name = node.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
    document.get("$defs")?.get(name)
}
