//! What a live reload changes: each key that differs from the running configuration, and when the
//! change takes effect.
//!
//! What Refinery's documentation says about a key and what Refinery does are both in `schemas/`.

use crate::check;
use crate::config::effective_value::{EffectiveValue, Record, Typed};
use crate::diagnostic::{Check, Finding};
use crate::schema::{Key, Schema, TakesEffect};

check!(
    NO_EFFECT,
    "reload/no-effect",
    Warning,
    "the documentation promises a live reload for this key, but it has no effect",
    "Refinery accepts the files and keeps the old value. It reads the key once, at start-up, \
     although its documentation says otherwise."
);
check!(
    NEEDS_RESTART,
    "reload/needs-restart",
    Note,
    "the change takes effect at the next restart",
    "Refinery accepts the files, but reads this key only at start-up. Nodes that restart at \
     different times run with different values."
);
check!(
    UNUSED_KEY_CHANGED,
    "reload/unused-key-changed",
    Note,
    "the changed key is never read",
    "Refinery validates the value and then does not use it."
);
check!(
    WORKERS_CHANGE,
    "reload/workers-change",
    Warning,
    "`WorkerCount` changes in running processes",
    "The number of workers stays the same, but each sizes its caches by the new number. Their \
     total size is off by the ratio of the two."
);
check!(
    AGENT_ENABLED,
    "reload/agent-enabled",
    Warning,
    "the OpAMP agent is enabled in processes that run without one",
    "Refinery then panics at shutdown and loses the traces that it still holds."
);

/// Whether findings of this check are about a change that needs a restart.
pub fn waits_for_restart(check: &Check) -> bool {
    [&NO_EFFECT, &NEEDS_RESTART, &WORKERS_CHANGE, &AGENT_ENABLED].contains(&check)
}

/// Findings for every changed key that a live reload does not apply as written.
pub fn find_changes(schema: &Schema, running: &Record, new: &Record) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (group, keys) in schema.root().children() {
        let (Some(was), Some(is)) = (keys_of(running, group), keys_of(new, group)) else {
            continue;
        };
        for (name, key) in keys.children().filter(|(_, key)| key.is_decoded()) {
            if let (Some(was), Some(is)) = (was.get(name), is.get(name))
                && was.typed != is.typed
                && !reads_level_again(running, group, name)
            {
                findings.extend(describe(key, &format!("{group}.{name}"), was, is));
            }
        }
    }
    findings
}

/// When a changed value of a key reaches processes that run with a configuration.
pub fn takes_effect(key: Key<'_>, group: &str, name: &str, running: &Record) -> TakesEffect {
    const PARTLY: [(&str, &str); 2] = [("Collection", "WorkerCount"), ("OpAMP", "Enabled")];
    if PARTLY.contains(&(group, name)) {
        TakesEffect::AtRestart { against_documentation: false }
    } else if reads_level_again(running, group, name) {
        TakesEffect::AtReload { against_documentation: false }
    } else {
        key.takes_effect()
    }
}

/// Only the Honeycomb logger applies its level at a live reload; the others read it at start-up.
fn reads_level_again(running: &Record, group: &str, key: &str) -> bool {
    let kind = || keys_of(running, group).and_then(|keys| keys.get("Type"));
    (group, key) == ("Logger", "Level")
        && kind().is_some_and(|kind| matches!(&kind.typed, Typed::Text(t) if t == "honeycomb"))
}

fn keys_of<'r>(record: &'r Record, group: &str) -> Option<&'r Record> {
    record.get(group)?.record()
}

fn describe(
    key: Key<'_>,
    path: &str,
    was: &EffectiveValue,
    is: &EffectiveValue,
) -> Option<Finding> {
    let finding = match (path, &is.typed) {
        ("Collection.WorkerCount", _) => {
            Finding::new(&WORKERS_CHANGE, format!("`{path}` must not change without a restart"))
                .help("restart all nodes with the new files")
        }
        ("OpAMP.Enabled", Typed::Bool(true)) => {
            Finding::new(&AGENT_ENABLED, format!("`{path}` must not change without a restart"))
                .help("restart all nodes with the new files")
        }
        _ => match key.takes_effect() {
            TakesEffect::AtReload { .. } => return None,
            TakesEffect::AtRestart { against_documentation: true } => {
                Finding::new(&NO_EFFECT, format!("a live reload does not change `{path}`"))
                    .help("restart the nodes, even though the documentation promises a live reload")
            }
            TakesEffect::AtRestart { .. } => {
                Finding::new(&NEEDS_RESTART, format!("`{path}` changes at the next restart"))
                    .help("restart the nodes to apply it everywhere")
            }
            TakesEffect::Never => {
                Finding::new(&UNUSED_KEY_CHANGED, format!("Refinery never reads `{path}`"))
                    .help("restore or remove the key")
            }
        },
    };
    let text = if key.is_secret() {
        "changed".to_owned()
    } else {
        format!("running processes started with {}", shorten(&was.typed))
    };
    Some(match is.span().or(is.key_span) {
        Some(span) => finding.at(span, text),
        None => finding,
    })
}

/// A short form of a value.
fn shorten(typed: &Typed) -> String {
    match typed {
        Typed::Bool(b) | Typed::DefaultTrue(b) => format!("`{b}`"),
        Typed::Int(n) => format!("`{n}`"),
        Typed::Uint(n) => format!("`{n}`"),
        Typed::Float(n) => format!("`{n}`"),
        Typed::Text(text) if text.is_empty() => "empty".to_owned(),
        Typed::Text(text) => format!("`{text}`"),
        Typed::Duration(d) => format!("`{d}`"),
        Typed::MemorySize(m) => format!("`{m}`"),
        Typed::Texts(texts) => format!("`[{}]`", texts.join(", ")),
        _ => "different".to_owned(),
    }
}
