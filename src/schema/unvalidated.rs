//! Mappings at which the engine's validator looks away.

use super::Schema;
use super::key::Key;
use super::place::visit;
use super::validate::Fault;
use crate::check;
use crate::diagnostic::Finding;
use crate::syntax::{Item, Value};
use serde_json::Value as Json;

check!(
    UNVALIDATED,
    "schema/unvalidated-mapping",
    Warning,
    "a key that is not text keeps a whole group or rule from being checked",
    "the engine's validator knows mappings with text keys alone and takes any other for an empty \
     one: a misspelt key beside it is passed over in silence, and its default counts"
);

/// Groups, rules and conditions with a key such as `404` or `true`.
pub fn find_unvalidated(schema: &Schema, item: &Item) -> Vec<Fault> {
    let mut faults = Vec::new();
    // Hardly any file has one, and following keys costs more than looking.
    if !item.any(&|item| matches!(item.value, Value::Mixed(_))) {
        return faults;
    }
    visit(schema.root(), "", item, &mut |key, path, item| match &item.value {
        Value::Mixed(pairs) if takes_null(key) => {
            faults.push(Fault { path: path.to_owned(), finding: describe(path, pairs) });
        }
        _ => {}
    });
    faults
}

/// Elsewhere such a mapping is refused as a value of the wrong type.
fn takes_null(key: Key<'_>) -> bool {
    let types = key.keyword("type").and_then(Json::as_array);
    types.is_some_and(|types| types.iter().any(|name| name == "null"))
}

fn describe(path: &str, pairs: &[(Item, Item)]) -> Finding {
    let odd = pairs.iter().map(|(key, _)| key).find(|key| !matches!(key.value, Value::Text(_)));
    let name = odd.map_or("", |key| &key.raw);
    let message = format!("nothing in `{path}` is checked, because of its key `{name}`");
    let finding = Finding::new(&UNVALIDATED, message)
        .help("remove the key; if it is meant to be text, put it in quotes");
    match odd.and_then(|key| key.span) {
        Some(span) => finding.at(span, "not text"),
        None => finding,
    }
}
