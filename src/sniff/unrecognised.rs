//! Describes a text that is not recognised, although its name and folder suggest that it is
//! Refinery's.
//!
//! Must not decide whether it is Refinery's (`discover` does).

use super::flaw::{Flaw, find_flaw};
use super::key_scan::{Key, key_scan};
use super::names::names;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::span::FileId;
use crate::syntax::{DataFormat, parse};
use foldhash::{HashMap, HashSet};
use std::sync::LazyLock;

/// The condition of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Flawed(Flaw),
    /// It does not parse; `is_other` if it has keys, and none of Refinery's names.
    Broken {
        is_other: bool,
    },
    /// A list or a scalar.
    NotAMapping,
    /// A mapping with other keys.
    OtherKeys {
        /// The kind of file that some of its keys suggest, ignoring case, at any depth.
        traces: Option<Kind>,
        /// Whether it is certainly another program's.
        is_foreign: bool,
    },
}

/// Top-level keys of other programs' files that are often next to Refinery's; each group is
/// sufficient.
const FOREIGN: [&[&str]; 18] = [
    &["apiVersion", "kind"],
    &["services"],
    &["receivers"],
    &["exporters"],
    &["processors"],
    &["scrape_configs"],
    &["groups"],
    &["route", "receivers"],
    &["jobs"],
    &["stages"],
    &["resources"],
    &["$schema"],
    &["openapi"],
    &["swagger"],
    &["repos"],
    &["plugins"],
    &["datasources"],
    &["name", "version"],
];

/// Examines a text that is not recognised.
pub fn examine(format: Option<DataFormat>, text: &str) -> Condition {
    let flaw = find_flaw(format, text);
    let format = format.unwrap_or(DataFormat::Yaml);
    let keys = key_scan(format, text);
    // Without Refinery's names, a template or a file with syntax errors belongs to another program.
    let is_others = || keys.iter().any(|key| key.top) && !mentions_names(text);
    let other = Condition::OtherKeys { traces: None, is_foreign: is_foreign(&keys) };
    let is_list = || text.lines().any(|line| line.starts_with("- ")) && !mentions_names(text);
    match flaw {
        Some(Flaw::Template(_)) if is_others() => return other,
        Some(Flaw::Template(_)) if is_list() => return Condition::NotAMapping,
        Some(Flaw::Comments) if has_disabled_object(text) => {
            return Condition::OtherKeys { traces: None, is_foreign: true };
        }
        Some(flaw) => return Condition::Flawed(flaw),
        None => {}
    }
    let is_broken = {
        let parsed = parse(FileId(0), format, text);
        parsed.tree.is_none() || parsed.findings.iter().any(Finding::stops_start)
    };
    if is_broken {
        return Condition::Broken { is_other: is_others() };
    }
    if keys.iter().any(|key| key.top) {
        Condition::OtherKeys { traces: traces(&keys), is_foreign: is_foreign(&keys) }
    } else {
        Condition::NotAMapping
    }
}

/// Whether the comments of a text are an object of Kubernetes.
fn has_disabled_object(text: &str) -> bool {
    let has = |key: &str| {
        let mut comments = text.lines().filter_map(|line| line.trim_start().strip_prefix('#'));
        comments.any(|line| line.trim_start().starts_with(key))
    };
    has("apiVersion:") && has("kind:")
}

fn is_foreign(keys: &[Key<'_>]) -> bool {
    let top = keys.iter().filter(|key| key.top).map(|key| key.name);
    let telling: HashSet<&str> =
        top.filter(|name| FOREIGN.iter().any(|group| group.contains(name))).collect();
    FOREIGN.iter().any(|group| group.iter().all(|key| telling.contains(key)))
}

/// Longer names, in bytes, are not Refinery's.
const MAX_NAME_LENGTH: usize = 64;

/// Names in lower case, the kind of file that each suggests, and whether it does at any depth.
static NAME_HINTS: LazyLock<HashMap<String, (Kind, bool)>> = LazyLock::new(|| {
    let names = names();
    let groups = names.groups.keys().map(|name| (*name, (Kind::Config, false)));
    let telling = names.telling.iter().map(|name| (*name, (Kind::Config, true)));
    let samplers = names.samplers.iter().copied().chain(["RulesVersion", "Samplers"]);
    let samplers = samplers.map(|name| (name, (Kind::Rules, true)));
    let all = groups.chain(telling).chain(samplers);
    all.map(|(name, trace)| (name.to_ascii_lowercase(), trace)).collect()
});

/// Whether a text has one of Refinery's names as a word, ignoring case.
fn mentions_names(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| {
        word.len() <= MAX_NAME_LENGTH && NAME_HINTS.contains_key(word.to_ascii_lowercase().as_str())
    })
}

/// The kind of file that some of the keys suggest, ignoring case.
fn traces(keys: &[Key<'_>]) -> Option<Kind> {
    let mut found = None;
    for key in keys.iter().filter(|key| key.name.len() <= MAX_NAME_LENGTH) {
        match NAME_HINTS.get(key.name.to_ascii_lowercase().as_str()) {
            Some((Kind::Rules, _)) => return Some(Kind::Rules),
            Some((Kind::Config, at_any_depth)) if *at_any_depth || key.top => {
                found = Some(Kind::Config);
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinguishes_conditions() {
        let other = |traces, is_foreign| Condition::OtherKeys { traces, is_foreign };
        for (text, expected) in [
            ("", Condition::Flawed(Flaw::Empty)),
            ("General: [ConfigurationVersion: 2\n", Condition::Broken { is_other: false }),
            ("General ConfigurationVersion: [2\n", Condition::Broken { is_other: false }),
            ("- General:\n    ConfigurationVersion: 2\n", Condition::NotAMapping),
            ("just words\n", Condition::NotAMapping),
            ("general: {a: 2}\n", other(Some(Kind::Config), false)),
            ("samplers:\n  a: 1\n", other(Some(Kind::Rules), false)),
            ("x: {senddelay: 1}\n", other(Some(Kind::Config), false)),
            ("foo: bar\n", other(None, false)),
            ("receivers:\n  otlp:\n", other(None, true)),
            ("apiVersion: v1\nkind: Service\n", other(None, true)),
            ("apiVersion: v1\nkind: {{ .Kind }}\n", other(None, true)),
            ("key: {{ .Key }}\n", other(None, false)),
            ("{{ range .Keys }}\nkey: a\n{{ end }}\n", other(None, false)),
            ("- hosts: {{ a }}\n", Condition::NotAMapping),
            ("{{ toYaml .Config }}\n", Condition::Flawed(Flaw::Template(0))),
            ("general:\n  x: {{ .X }}\n", Condition::Flawed(Flaw::Template(14))),
            ("key: @service\n", Condition::Broken { is_other: true }),
            ("key: [\n", Condition::Broken { is_other: true }),
            ("senddelay: [\n", Condition::Broken { is_other: false }),
        ] {
            assert_eq!(examine(Some(DataFormat::Yaml), text), expected, "{text}");
        }
    }
}
