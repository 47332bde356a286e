//! Values that depend on unknown environment variables, or on what a tool replaces.
//!
//! Such a value is not wrong, but the verdict depends on it. If the key accepts any string, nothing
//! depends on it.

use crate::check;
use crate::diagnostic::{Effect, Finding};
use crate::schema::{Key, Schema, Violation, visit};
use crate::syntax::{Item, Value};
use crate::value::replaced::{is_replaced, placeholders};

check!(
    UNKNOWN_VARIABLE,
    "start/depends-on-variable",
    Note,
    "whether the value is valid depends on an environment variable",
    "Refinery replaces `${NAME}` at start-up and rejects the value if it is then invalid. An \
     unset or empty variable leaves the text as written."
);

/// Finds every value that is only valid for some values of an unknown variable.
pub fn find_dependencies(schema: &Schema, item: &Item) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !item.any(&|item| !item.unknown.is_empty()) {
        return violations;
    }
    visit(schema.root(), "", item, &mut |key, path, item| {
        let is_undecided = item.text().is_some() && !item.unknown.is_empty();
        // Keys that are parsed before variables are replaced reject any reference.
        let is_open = key.is_expanded() || item.text().is_some_and(is_replaced);
        if is_undecided && key.restricts_text() && is_open {
            violations
                .push(Violation { path: path.to_owned(), finding: describe(key, path, item) });
        }
    });
    violations
}

/// Marks all strings that depend on what a tool replaces as unknown.
pub fn mark_replaced(item: &mut Item) {
    match &mut item.value {
        Value::Text(text) => item.unknown.extend(placeholders(text).map(str::to_owned)),
        Value::List(items) => items.iter_mut().for_each(mark_replaced),
        Value::Map(entries) => {
            for entry in entries {
                mark_replaced(&mut entry.item);
            }
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
        format!("`{path}` is only valid if {names} makes it {wanted}"),
    )
    .help(if item.text().is_some_and(is_replaced) {
        "check the rendered file, with real values instead of placeholders"
    } else {
        "set it with `--env NAME=VALUE`, or use this process's environment with `--live-env`"
    });
    if let Some(span) = item.span {
        finding = finding.at(span, format!("must be {wanted}"));
    }
    finding.effect =
        Effect::DependsOn(item.unknown.iter().map(|n| (n.clone(), wanted.clone())).collect());
    finding
}
