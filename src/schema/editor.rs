//! The schema of one release as plain JSON Schema, for editors.
//!
//! Custom keywords are replaced by standard ones where possible: formats become patterns, with the error
//! messages that VS Code and the YAML language server show. Limits on durations and sizes have no
//! equivalent and are dropped.

use super::descriptions::{Described, describe_all};
use super::key::wanted_by_format;
use super::{Kind, Release, document};
use serde_json::{Map, Value as Json};

/// A JSON Schema (2020-12) that every editor supports.
pub fn editor_schema(kind: Kind, release: Release) -> Json {
    let mut schema = document(kind, release).to_json();
    simplify(&mut schema);
    for described in describe_all(kind) {
        if let Some(Json::Object(key)) = schema.pointer_mut(&described.pointer()) {
            let text = Json::String(hover(described, release));
            key.insert("description".to_owned(), text);
        }
    }
    if let Some(root) = schema.as_object_mut() {
        let title = format!("Refinery {release} {}", kind.word());
        root.insert("title".to_owned(), Json::String(title));
    }
    schema
}

/// What an editor shows of a key: its description, when a change takes effect, and its traps.
fn hover(described: Described, release: Release) -> String {
    let mut paragraphs = vec![described.text().to_owned()];
    if let Some(instead) = described.replacement(release) {
        paragraphs.push(format!("Removed: {instead}."));
    } else if described.kind == Kind::Config && described.group().is_some() {
        let effect = described.key(release).map(|key| described.takes_effect(key));
        paragraphs.extend(effect.map(|effect| format!("A change takes effect {effect}.")));
    }
    paragraphs.extend(described.traps().map(|trap| format!("• {trap}")));
    paragraphs.join("\n\n")
}

fn simplify(node: &mut Json) {
    match node {
        Json::Object(map) => {
            mark_deprecated(map);
            for name in [
                "x-refinery",
                "quantityMinimum",
                "quantityMaximum",
                "quantityMinimumOrZero",
                "sameType",
            ] {
                map.remove(name);
            }
            replace_format(map);
            if let Some(Json::Array(names)) = map.remove("conflicting") {
                map.insert("not".to_owned(), serde_json::json!({ "required": names }));
            }
            map.values_mut().for_each(simplify);
        }
        Json::Array(items) => items.iter_mut().for_each(simplify),
        _ => {}
    }
}

fn mark_deprecated(map: &mut Map<String, Json>) {
    if map.get("x-refinery").and_then(|x| x.get("last-version")).is_some() {
        map.insert("deprecated".to_owned(), Json::Bool(true));
    }
}

fn replace_format(map: &mut Map<String, Json>) {
    let Some(Json::String(name)) = map.remove("format") else {
        return;
    };
    if let Some(pattern) = pattern(&name) {
        map.insert("pattern".to_owned(), Json::String(pattern.to_owned()));
        if let Some(wanted) = wanted_by_format(&name) {
            let message = Json::String(format!("must be {wanted}"));
            map.insert("patternErrorMessage".to_owned(), message.clone());
            map.insert("errorMessage".to_owned(), message);
        }
    }
}

/// The pattern for a format. A pattern does not restrict values that are not strings.
fn pattern(format: &str) -> Option<&'static str> {
    Some(match format {
        "go-duration" => r"^[-+]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$",
        size if size.starts_with("memory-size") => r"^\s*[0-9._]+[a-zA-Z]*\s*$",
        "host-port" => r"^$|:[^:]*$",
        "http-url" => r"^[hH][tT][tT][pP][sS]?://.",
        "api-key" => "^([a-f0-9]{32}|[a-zA-Z0-9]{20,23}|hc[a-z][a-z]{2}_[a-z0-9]{58})$",
        "api-key-loose" => "^[a-f0-9]{32}|[a-zA-Z0-9]{20,23}$",
        "api-key-or-empty" => "^$|^([a-f0-9]{32}|[a-zA-Z0-9]{20,23}|hc[a-z][a-z]{2}_[a-z0-9]{58})$",
        "minor-version" => r"^v[0-9]+\.[0-9]+$",
        "alphanumeric" => "^[a-zA-Z0-9]*$",
        "go-bool-word" => "^([tT]|[tT][rR][uU][eE]|[fF]|[fF][aA][lL][sS][eE])$",
        "unreserved-header" => "^(?![xX]-([hH][oO][nN][eE][yY][cC][oO][mM][bB]|[hH][nN][yY])-)",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::releases;
    use super::*;

    /// All objects of a document.
    fn objects<'j>(node: &'j Json, found: &mut Vec<&'j Map<String, Json>>) {
        match node {
            Json::Object(map) => {
                found.push(map);
                map.values().for_each(|child| objects(child, found));
            }
            Json::Array(items) => items.iter().for_each(|child| objects(child, found)),
            _ => {}
        }
    }

    #[test]
    fn editors_say_in_words_what_a_pattern_requires() {
        let newest = releases().pop().unwrap();
        let schema = editor_schema(Kind::Config, newest);
        let mut found = Vec::new();
        objects(&schema, &mut found);
        let durations = found.iter().filter(|map| {
            map.get("patternErrorMessage") == Some(&"must be a duration such as `10s`".into())
        });
        assert!(durations.count() > 0);
        for map in found.iter().filter(|map| map.contains_key("patternErrorMessage")) {
            assert!(map.contains_key("pattern"), "{map:?}");
            assert_eq!(map.get("errorMessage"), map.get("patternErrorMessage"));
        }
    }
}
