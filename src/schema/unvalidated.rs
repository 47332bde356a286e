//! Mappings that Refinery's validator skips.

use super::Schema;
use super::key::Key;
use super::node::Node;
use super::place::visit;
use super::violation::Violation;
use crate::check;
use crate::diagnostic::Finding;
use crate::syntax::{Item, Value};

check!(
    UNVALIDATED,
    "schema/unvalidated-mapping",
    Warning,
    "key that is not a string, which turns off validation of its group or rule",
    "Refinery's validator treats a mapping with a key that is not a string as empty. It accepts \
     misspelt keys next to it silently, and uses their defaults."
);

/// Groups, rules and conditions with a key such as `404` or `true`.
pub fn find_unvalidated(schema: &Schema, item: &Item) -> Vec<Violation> {
    let mut violations = Vec::new();
    // Few files have one, and this test is cheaper than following keys.
    if !item.any(&|item| matches!(item.value, Value::Mixed(_))) {
        return violations;
    }
    visit(schema.root(), "", item, &mut |key, path, item| match &item.value {
        Value::Mixed(pairs) if takes_null(key) => {
            violations.push(Violation { path: path.to_owned(), finding: describe(path, pairs) });
        }
        _ => {}
    });
    violations
}

/// Where null is not allowed, such a mapping is rejected as a value of the wrong type.
fn takes_null(key: Key<'_>) -> bool {
    let types = key.keyword("type").and_then(Node::as_array);
    types.is_some_and(|types| types.iter().any(|name| name == "null"))
}

fn describe(path: &str, pairs: &[(Item, Item)]) -> Finding {
    let odd = pairs.iter().map(|(key, _)| key).find(|key| !matches!(key.value, Value::Text(_)));
    let name = odd.map_or("", |key| &key.raw);
    let message =
        format!("Refinery validates nothing in `{path}`, because its key `{name}` is not a string");
    let finding = Finding::new(&UNVALIDATED, message)
        .help("remove the key, or quote it if it is meant to be a string");
    match odd.and_then(|key| key.span) {
        Some(span) => finding.at(span, "not a string"),
        None => finding,
    }
}
