//! The names of keys, variables and flags in the schema of the config, by whether their values are
//! secret. Used by `build.rs`.

use super::reference::referred;
use serde_json::Value;
use std::collections::BTreeSet;

/// HTTP headers with credentials, and the variable with the key that Refinery sends with requests for files.
const NOT_IN_SCHEMA: [&str; 3] = ["Authorization", "X-Honeycomb-Team", "HONEYCOMB_CONFIG_KEY"];

/// Sorted names. All but the flags are normalized.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SecretNames {
    /// Secret keys only.
    pub keys: BTreeSet<String>,
    /// The same with variables and older names.
    pub all: BTreeSet<String>,
    pub flags: BTreeSet<String>,
    /// Known names that are not secret.
    pub harmless: BTreeSet<String>,
}

impl SecretNames {
    pub fn of(document: &Value) -> Self {
        let options = &document["x-refinery"]["options"];
        let mut names = Self::default();
        names.all.extend(NOT_IN_SCHEMA.map(normalize));
        for (name, key) in keys(document) {
            if !is_secret(key, document) {
                names.harmless.insert(normalize(name));
                continue;
            }
            names.keys.insert(normalize(name));
            let old = fact(key, document, "v1").and_then(Value::as_str);
            names.all.extend(old.and_then(|old| old.rsplit(['.', '/']).next()).map(normalize));
            let named = fact(key, document, "options").and_then(Value::as_array);
            for option in named.into_iter().flatten().filter_map(Value::as_str) {
                let fact = |part| options[option][part].as_str();
                names.all.extend(fact("env").map(normalize));
                names.flags.extend(fact("flag").map(str::to_owned));
            }
        }
        for (_, option) in members(options) {
            let Some(variable) = option["env"].as_str().map(normalize) else { continue };
            // A variable of a key that some releases do not have may be secret as well.
            let is_of_key = names.keys.iter().any(|key| variable.ends_with(key));
            if !is_of_key && !names.all.contains(&variable) {
                names.harmless.insert(variable);
            }
        }
        names.all.extend(names.keys.iter().cloned());
        names
    }
}

/// In lower case without `_`, `-` and dots.
fn normalize(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '-', '.'], "")
}

/// All groups and their keys.
fn keys(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let children = |key| members(keyword(key, document, "properties").unwrap_or(&Value::Null));
    children(document).flat_map(move |(name, group)| children(group).chain([(name, group)]))
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// A keyword of a key or of its type.
fn keyword<'d>(key: &'d Value, document: &'d Value, name: &str) -> Option<&'d Value> {
    key.get(name).or_else(|| referred(key, document)?.get(name))
}

fn fact<'d>(key: &'d Value, document: &'d Value, name: &str) -> Option<&'d Value> {
    let of = |node: &'d Value| node.get("x-refinery")?.get(name);
    of(key).or_else(|| of(referred(key, document)?))
}

fn is_secret(key: &Value, document: &Value) -> bool {
    let format = keyword(key, document, "format").and_then(Value::as_str);
    fact(key, document, "secret").and_then(Value::as_bool) == Some(true)
        || format.is_some_and(|format| format.starts_with("api-key"))
}
