//! The facts of one release: what its binary says about its keys, and the file that stores it.
//!
//! Names, types, limits, defaults, choices and versions; no descriptions. The keys are described in
//! the words of the metadata that Refinery embeds in its binary.

use super::Release;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The form of the file that this program reads and writes.
const FORMAT: u8 = 1;

/// A release file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReleaseFile {
    pub format: u8,
    /// Such as `v3.5.0`.
    pub release: String,
    /// The day of the commit that it was built from, where the binary says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// The Go version that built it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go: Option<String>,
    pub config: Groups,
    pub rules: Groups,
}

/// Groups of keys by name.
pub type Groups = BTreeMap<String, GroupFacts>;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GroupFacts {
    /// The last release that has the group.
    #[serde(default, skip_serializing_if = "is_default")]
    pub last_version: Option<String>,
    /// Refinery says what became of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub explained: bool,
    #[serde(default)]
    pub keys: BTreeMap<String, KeyFacts>,
}

#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct KeyFacts {
    /// Such as `duration`.
    #[serde(rename = "type")]
    pub kind: String,
    /// None where nothing is said about it.
    #[serde(skip_serializing_if = "is_default")]
    pub default: Option<Json>,
    #[serde(skip_serializing_if = "is_default")]
    pub choices: Vec<String>,
    /// Other values than the choices are refused.
    #[serde(skip_serializing_if = "is_default")]
    pub only_choices: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub minimum: Option<Json>,
    #[serde(skip_serializing_if = "is_default")]
    pub minimum_or_zero: Option<Json>,
    #[serde(skip_serializing_if = "is_default")]
    pub maximum: Option<Json>,
    #[serde(skip_serializing_if = "is_default")]
    pub format: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub not_empty: bool,
    /// The group must have it.
    #[serde(skip_serializing_if = "is_default")]
    pub required: bool,
    /// The type of what a list or mapping holds.
    #[serde(skip_serializing_if = "is_default")]
    pub elements: Option<String>,
    /// The keys that an object may have.
    #[serde(skip_serializing_if = "is_default")]
    pub children: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub required_with: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub conflicts_with: Vec<String>,
    /// Honeycomb's own headers are refused.
    #[serde(skip_serializing_if = "is_default")]
    pub no_reserved_headers: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub first_version: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub last_version: Option<String>,
    /// Refinery explains why it no longer has the key.
    #[serde(skip_serializing_if = "is_default")]
    pub explained: bool,
    /// A reload changes it.
    #[serde(skip_serializing_if = "is_default")]
    pub reload: Option<bool>,
    #[serde(skip_serializing_if = "is_default")]
    pub variables: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub flag: Option<String>,
    /// What this program does not know how to check, such as a new kind of validation.
    #[serde(skip_serializing_if = "is_default")]
    pub not_understood: Vec<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Why a text is not a release file.
#[derive(Debug, thiserror::Error)]
pub enum BadReleaseFile {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("format {0} is not known; this program reads format {FORMAT}")]
    Format(u8),
    #[error("invalid release `{0}`; expected one from 2.0 on")]
    Release(String),
    #[error("it has no keys for {0}")]
    NoKeys(&'static str),
}

impl ReleaseFile {
    pub fn new(release: Release, config: Groups, rules: Groups) -> Self {
        let release = release.to_string();
        Self { format: FORMAT, release, config, rules, ..Self::default() }
    }

    /// # Errors
    /// It is not a release file, or it is for a release before 2.0.
    pub fn parse(text: &str) -> Result<(Release, Self), BadReleaseFile> {
        let file: Self = serde_json::from_str(text)?;
        if file.format != FORMAT {
            return Err(BadReleaseFile::Format(file.format));
        }
        let release = Release::parse_checked(&file.release);
        let release = release.ok_or_else(|| BadReleaseFile::Release(file.release.clone()))?;
        for (groups, word) in [(&file.config, "config"), (&file.rules, "rules")] {
            if groups.values().all(|group| group.keys.is_empty()) {
                return Err(BadReleaseFile::NoKeys(word));
            }
        }
        Ok((release, file))
    }
}

/// One difference between the facts of two releases.
#[derive(Clone, Debug, PartialEq)]
pub struct Change<'f> {
    pub group: &'f str,
    /// None where it is the whole group.
    pub key: Option<&'f str>,
    pub kind: ChangeKind<'f>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ChangeKind<'f> {
    NewGroup(&'f GroupFacts),
    GoneGroup,
    NewKey(&'f KeyFacts),
    GoneKey,
    /// A fact of a key, by its name in the file: before and after.
    Fact(&'static str, Option<Json>, Option<Json>),
}

/// The facts of a key that decide what is accepted and effective, by their names in the file.
const COMPARED: [&str; 18] = [
    "type",
    "default",
    "choices",
    "only-choices",
    "minimum",
    "minimum-or-zero",
    "maximum",
    "format",
    "not-empty",
    "required",
    "elements",
    "children",
    "required-with",
    "conflicts-with",
    "no-reserved-headers",
    "last-version",
    "explained",
    "reload",
];

/// What the facts of a later release say otherwise than those of an earlier one.
pub fn compare<'f>(before: &'f Groups, after: &'f Groups) -> Vec<Change<'f>> {
    let mut changes = Vec::new();
    for (name, group) in after {
        let change = |key, kind| Change { group: name, key, kind };
        let Some(old) = before.get(name) else {
            changes.push(change(None, ChangeKind::NewGroup(group)));
            continue;
        };
        if old.last_version != group.last_version {
            let version = |group: &GroupFacts| group.last_version.clone().map(Json::String);
            let kind = ChangeKind::Fact("last-version", version(old), version(group));
            changes.push(change(None, kind));
        }
        let is_there = group.last_version.is_none();
        for (key, facts) in &group.keys {
            match old.keys.get(key) {
                None => changes.push(change(Some(key), ChangeKind::NewKey(facts))),
                Some(old) => {
                    let facts = compare_keys(old, facts, is_there).into_iter();
                    changes.extend(facts.map(|kind| change(Some(key), kind)));
                }
            }
        }
        let gone = old.keys.keys().filter(|key| !group.keys.contains_key(*key));
        changes.extend(gone.map(|key| change(Some(key), ChangeKind::GoneKey)));
    }
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    changes.extend(gone.map(|name| Change { group: name, key: None, kind: ChangeKind::GoneGroup }));
    changes
}

/// Facts that are not stated count as unchanged.
fn compare_keys(
    before: &KeyFacts,
    after: &KeyFacts,
    is_group_there: bool,
) -> Vec<ChangeKind<'static>> {
    let (old, new) = (facts_by_name(before), facts_by_name(after));
    // Neither a key that must be written nor one that is gone has a default in effect.
    let has_default = after.default.is_some()
        && !after.required
        && after.last_version.is_none()
        && is_group_there;
    let differs = |name: &&&'static str| match **name {
        "default" => has_default && zeroless(&old) != zeroless(&new),
        "choices" if !before.only_choices && after.choices.is_empty() => false,
        "reload" => new.contains_key("reload") && old.get("reload") != new.get("reload"),
        name => old.get(name) != new.get(name),
    };
    let fact = |name: &&'static str| {
        ChangeKind::Fact(name, old.get(*name).cloned(), new.get(*name).cloned())
    };
    COMPARED.iter().filter(differs).map(fact).collect()
}

fn facts_by_name(facts: &KeyFacts) -> Map<String, Json> {
    match serde_json::to_value(facts) {
        Ok(Json::Object(map)) => map,
        _ => Map::new(),
    }
}

/// The default, unless it is what a key has anyway.
fn zeroless(facts: &Map<String, Json>) -> Option<&Json> {
    facts.get("default").filter(|default| !is_zero(default))
}

/// Whether it is the value of a key about which nothing is specified.
pub fn is_zero(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Bool(is) => !is,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => matches!(text.as_str(), "" | "0s" | "0"),
        Json::Array(items) => items.is_empty(),
        Json::Object(map) => map.is_empty(),
    }
}
