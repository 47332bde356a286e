//! Values that hang on environment variables which nobody knows.
//!
//! Such a value is not wrong: the verdict depends on it. Where the key takes any text, nothing
//! depends on it.

use crate::check;
use crate::diagnostic::{Effect, Finding};
use crate::schema::{Fault, Key, Schema, visit};
use crate::syntax::Item;

check!(
    UNKNOWN_VARIABLE,
    "start/depends-on-variable",
    Note,
    "whether the value is accepted depends on an environment variable",
    "the engine replaces `${NAME}` from its environment when it starts, and refuses a value that \
     is then not what the key takes; an unset or empty variable leaves the text as it is written"
);

/// Finds every value whose acceptance hangs on an unknown variable.
pub fn find_dependencies(schema: &Schema, item: &Item) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !item.any(&|item| !item.unknown.is_empty()) {
        return faults;
    }
    visit(schema.root(), "", item, &mut |key, path, item| {
        let hangs = item.text().is_some() && !item.unknown.is_empty();
        // What is read before variables are replaced is refused whatever they hold.
        if hangs && key.restricts_text() && key.is_expanded() {
            faults.push(Fault { path: path.to_owned(), finding: describe(key, path, item) });
        }
    });
    faults
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
