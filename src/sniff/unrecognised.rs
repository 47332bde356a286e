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
use std::collections::HashSet;

/// The condition of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Flawed(Flaw),
    /// It does not parse.
    Broken,
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
    if let Some(flaw) = find_flaw(format, text) {
        return Condition::Flawed(flaw);
    }
    let format = format.unwrap_or(DataFormat::Yaml);
    let parsed = parse(FileId(0), format, text);
    let is_broken = parsed.tree.is_none() || parsed.findings.iter().any(Finding::stops_start);
    let keys = key_scan(format, text);
    if is_broken {
        Condition::Broken
    } else if !keys.iter().any(|key| key.top) {
        Condition::NotAMapping
    } else {
        Condition::OtherKeys { traces: traces(&keys), is_foreign: is_foreign(&keys) }
    }
}

fn is_foreign(keys: &[Key<'_>]) -> bool {
    let top: HashSet<&str> = keys.iter().filter(|key| key.top).map(|key| key.name).collect();
    FOREIGN.iter().any(|group| group.iter().all(|key| top.contains(key)))
}

/// The kind of file that some of the keys suggest, ignoring case.
fn traces(keys: &[Key<'_>]) -> Option<Kind> {
    let names = names();
    let is = |known: &str, key: &Key<'_>| known.eq_ignore_ascii_case(key.name);
    let is_rules = |key: &Key<'_>| {
        names.samplers.iter().any(|name| is(name, key))
            || ["RulesVersion", "Samplers"].iter().any(|name| is(name, key))
    };
    let is_config = |key: &Key<'_>| {
        names.telling.iter().any(|name| is(name, key))
            || key.top && names.groups.keys().any(|name| is(name, key))
    };
    if keys.iter().any(is_rules) {
        Some(Kind::Rules)
    } else {
        keys.iter().any(is_config).then_some(Kind::Config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinguishes_conditions() {
        let other = |traces, is_foreign| Condition::OtherKeys { traces, is_foreign };
        for (text, expected) in [
            ("", Condition::Flawed(Flaw::Empty)),
            ("General: [ConfigurationVersion: 2\n", Condition::Broken),
            ("General ConfigurationVersion: [2\n", Condition::Broken),
            ("- General:\n    ConfigurationVersion: 2\n", Condition::NotAMapping),
            ("just words\n", Condition::NotAMapping),
            ("general: {a: 2}\n", other(Some(Kind::Config), false)),
            ("samplers:\n  a: 1\n", other(Some(Kind::Rules), false)),
            ("x: {senddelay: 1}\n", other(Some(Kind::Config), false)),
            ("foo: bar\n", other(None, false)),
            ("receivers:\n  otlp:\n", other(None, true)),
            ("apiVersion: v1\nkind: Service\n", other(None, true)),
        ] {
            assert_eq!(examine(Some(DataFormat::Yaml), text), expected, "{text}");
        }
    }
}
