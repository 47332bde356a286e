//! Replaces `${NAME}` in values from the environment, once.
//!
//! An unset or empty variable leaves the text as written, and the replacement is not expanded
//! again. Refinery replaces in every string, including those that it later rejects.

use super::effective_value::{Record, Typed};
use super::environment::{Environment, Lookup};
use crate::syntax::{Item, Value};
use memchr::memchr;

/// A string after replacement.
#[derive(Debug, PartialEq, Eq)]
pub struct Expanded {
    pub text: String,
    /// Unknown variables in it, in order; their references stay as written.
    pub unknown: Vec<String>,
}

/// Replaces every `${NAME}`; the name is everything up to the next `}`.
pub fn expand(text: &str, environment: &Environment) -> Expanded {
    let mut expanded = Expanded { text: String::new(), unknown: Vec::new() };
    let mut rest = text;
    while let Some((before, name, after)) = next_reference(rest) {
        expanded.text.push_str(before);
        match environment.look_up(name) {
            Lookup::Set(value) if !value.is_empty() => expanded.text.push_str(value),
            lookup => {
                if lookup == Lookup::Unknown {
                    expanded.unknown.push(name.to_owned());
                }
                expanded.text.push_str(&rest[before.len()..rest.len() - after.len()]);
            }
        }
        rest = after;
    }
    expanded.text.push_str(rest);
    expanded
}

/// The first reference in a string: the text before it, its name, the text after it.
fn next_reference(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        // Most strings have no `$`, and this finds out faster than a search for `${`.
        let start = from + memchr(b'$', text.as_bytes().get(from..)?)?;
        let Some(inner) = text[start + 1..].strip_prefix('{') else {
            from = start + 1;
            continue;
        };
        match inner.find('}')? {
            0 => from = start + 2,
            end => return Some((&text[..start], &inner[..end], &inner[end + 1..])),
        }
    }
}

/// Whether a string contains a variable reference.
pub fn refers(text: &str) -> bool {
    next_reference(text).is_some()
}

/// Replaces in every string of a value, also in lists and mappings, but not in keys.
pub fn expand_item(item: &mut Item, environment: &Environment) {
    match &mut item.value {
        Value::Text(text) if !refers(text) => item.unknown.clear(),
        Value::Text(text) => {
            let expanded = expand(text, environment);
            *text = expanded.text;
            item.unknown = expanded.unknown;
        }
        Value::List(items) => {
            for item in items {
                expand_item(item, environment);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                expand_item(&mut entry.item, environment);
            }
        }
        _ => {}
    }
}

/// Replaces in loaded settings: in strings, lists and mappings of strings. Refinery does this last.
pub fn expand_settings(record: &mut Record, environment: &Environment) {
    for setting in record.values_mut() {
        let unknown = &mut setting.unknown;
        let mut replace = |text: &mut String| {
            if !refers(text) {
                return;
            }
            let expanded = expand(text, environment);
            *text = expanded.text;
            // A variable that overrides the key is already listed.
            let new = expanded.unknown.into_iter().filter(|name| !unknown.contains(name));
            let new: Vec<String> = new.collect();
            unknown.extend(new);
        };
        match &mut setting.typed {
            Typed::Text(text) => replace(text),
            Typed::Texts(texts) => texts.iter_mut().for_each(replace),
            Typed::Attributes(map) => map.values_mut().for_each(replace),
            Typed::Record(record) => expand_settings(record, environment),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_a(text: &str, closed: bool) -> Expanded {
        let known = [("A", "1${B}"), ("EMPTY", "")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        expand(text, &Environment::new(known.into(), closed))
    }

    #[test]
    fn replaces_once_and_keeps_unset_references() {
        assert_eq!(with_a("x${A}y${EMPTY}${}${", true).text, "x1${B}y${EMPTY}${}${");
        assert_eq!(with_a("${${A}", true).text, "${${A}");
        assert_eq!(with_a("$A {A}", true).text, "$A {A}");
        assert_eq!(with_a("$5$${A}", true).text, "$5$1${B}");
    }

    #[test]
    fn lists_unknown_variables() {
        assert_eq!(with_a("${B}:${A}${C}", false).unknown, ["B", "C"]);
        assert_eq!(with_a("${B}:${A}${C}", true).unknown, [""; 0]);
    }
}
