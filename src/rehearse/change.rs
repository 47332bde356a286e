//! What a hot reload changes: each key that differs from what runs, and when it takes effect.
//!
//! What the engine's documentation says of a key and what the engine does both stand in `schemas/`.

use crate::check;
use crate::config::setting::{Record, Setting, Typed};
use crate::diagnostic::{Check, Finding};
use crate::schema::{Key, Schema};

check!(
    NO_EFFECT,
    "reload/no-effect",
    Warning,
    "a change that a reload is said to apply, and does not",
    "the engine takes the files and goes on with the old value: the key is read once, at start, \
     though its documentation says otherwise"
);
check!(
    AT_RESTART,
    "reload/at-restart",
    Note,
    "a change that takes effect at the next restart",
    "the engine takes the files and reads this key again when it starts, so nodes that restart at \
     different times run with different values"
);
check!(
    NEVER_READ,
    "reload/never-read",
    Note,
    "a change of a key that the engine never looks at",
    "the value is checked for its form and then used for nothing"
);
check!(
    WORKERS_CHANGE,
    "reload/workers-change",
    Warning,
    "the number of workers changes while they run",
    "the workers stay as many as they were, and each one's caches are sized by the new number: the \
     whole is larger or smaller than written by as much as the numbers differ"
);
check!(
    AGENT_APPEARS,
    "reload/agent-appears",
    Warning,
    "the agent is enabled while the process runs without one",
    "the process panics when it is told to stop, and loses the traces that it still holds"
);

/// Does a finding of this check speak of a change that only a restart puts in force?
pub fn waits_for_restart(check: &Check) -> bool {
    [&NO_EFFECT, &AT_RESTART, &WORKERS_CHANGE, &AGENT_APPEARS].contains(&check)
}

/// When a key's new value counts, beyond what is written of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InForce {
    AtReload,
    /// At restart, against the documentation where that promises a reload.
    AtRestart {
        against_documentation: bool,
    },
    Never,
}

impl InForce {
    fn of(key: Key<'_>) -> Self {
        let promised = key.is("reload");
        match key.fact_text("in-force") {
            Some("restart") => Self::AtRestart { against_documentation: promised },
            Some("never") => Self::Never,
            Some(_) => Self::AtReload,
            None if promised => Self::AtReload,
            None => Self::AtRestart { against_documentation: false },
        }
    }
}

/// Every changed key of a config that a reload does not put in force as written.
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

/// One logger takes its level from every reload; the others take it when they start.
fn reads_level_again(running: &Record, group: &str, key: &str) -> bool {
    let kind = || keys_of(running, group).and_then(|keys| keys.get("Type"));
    (group, key) == ("Logger", "Level")
        && kind().is_some_and(|kind| matches!(&kind.typed, Typed::Text(t) if t == "honeycomb"))
}

fn keys_of<'r>(record: &'r Record, group: &str) -> Option<&'r Record> {
    record.get(group)?.record()
}

fn describe(key: Key<'_>, path: &str, was: &Setting, is: &Setting) -> Option<Finding> {
    let finding = match (path, &is.typed) {
        ("Collection.WorkerCount", _) => {
            Finding::new(&WORKERS_CHANGE, format!("`{path}` must not change without a restart"))
                .help("restart all nodes with the new files")
        }
        ("OpAMP.Enabled", Typed::Bool(true)) => {
            Finding::new(&AGENT_APPEARS, format!("`{path}` must not change without a restart"))
                .help("restart all nodes with the new files")
        }
        _ => match InForce::of(key) {
            InForce::AtReload => return None,
            InForce::AtRestart { against_documentation: true } => {
                Finding::new(&NO_EFFECT, format!("a reload does not change `{path}`"))
                    .help("restart the nodes for it, whatever the key's documentation says")
            }
            InForce::AtRestart { .. } => {
                Finding::new(&AT_RESTART, format!("`{path}` changes at the next restart"))
                    .help("restart the nodes to have it in force everywhere")
            }
            InForce::Never => Finding::new(&NEVER_READ, format!("the engine never reads `{path}`"))
                .help("leave the key as it was, or delete it"),
        },
    };
    let text = if key.is_secret() {
        "changed".to_owned()
    } else {
        format!("was {} when the process started", in_words(&was.typed))
    };
    Some(match is.span().or(is.key_span) {
        Some(span) => finding.at(span, text),
        None => finding,
    })
}

/// A value, shortly.
fn in_words(typed: &Typed) -> String {
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
