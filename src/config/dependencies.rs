//! Values that hang on environment variables which nobody knows.
//!
//! Such a value is not wrong: the verdict depends on it. Where the key takes any text, nothing
//! depends on it.

use crate::check;
use crate::diagnostic::{Effect, Finding};
use crate::schema::{Key, Schema};
use crate::syntax::{Item, Value};

check!(
    UNKNOWN_VARIABLE,
    "start/depends-on-variable",
    Note,
    "whether the value is accepted depends on an environment variable",
    "the engine replaces `${NAME}` from its environment when it starts, and refuses a value that \
     is then not what the key takes; an unset or empty variable leaves the text as it is written"
);

/// Finds every value whose acceptance hangs on an unknown variable.
pub fn find_dependencies(schema: &Schema, item: &Item) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk(schema.root(), "", item, &mut findings);
    findings
}

fn walk(key: Key<'_>, path: &str, item: &Item, findings: &mut Vec<Finding>) {
    match &item.value {
        Value::Map(entries) => {
            for entry in entries {
                if let Some(child) = key.child(&entry.key) {
                    let dot = if path.is_empty() { "" } else { "." };
                    walk(child, &format!("{path}{dot}{}", entry.key), &entry.item, findings);
                }
            }
        }
        Value::List(items) => {
            if let Some(element) = key.element() {
                items.iter().for_each(|item| walk(element, path, item, findings));
            }
        }
        Value::Text(_) if !item.unknown.is_empty() && key.restricts_text() => {
            findings.push(describe(key, path, item));
        }
        _ => {}
    }
}

fn describe(key: Key<'_>, path: &str, item: &Item) -> Finding {
    let names: Vec<String> = item.unknown.iter().map(|n| format!("`{n}`")).collect();
    let names = names.join(" and ");
    let wanted = key.wanted();
    let mut finding = Finding::new(
        &UNKNOWN_VARIABLE,
        format!("`{path}` is accepted only if {names} makes it {wanted}"),
    )
    .help("name the value with `--env NAME=VALUE`, or take this process's own with `--live-env`");
    if let Some(span) = item.span {
        finding = finding.at(span, format!("must become {wanted}"));
    }
    finding.effect =
        Effect::DependsOn(item.unknown.iter().map(|n| (n.clone(), wanted.clone())).collect());
    finding
}
