//! What a container tells the process: where its files lie, and the variables that come of maps.

use super::objects::{Built, Content, Identity, Map};
use crate::schema::Kind;
use crate::source::circumstances::Circumstances;
use crate::source::container::{at, word};
use crate::syntax::Item;

/// The locations of files of a kind: by flags, else by the variable, else the engine's own.
pub fn locations(kind: Kind, container: &Item, given: &Circumstances) -> Vec<String> {
    let (flags, variable, default) = match kind {
        Kind::Config => (["-c", "--config"], "REFINERY_CONFIG", "/etc/refinery/refinery.yaml"),
        Kind::Rules => {
            (["-r", "--rules_config"], "REFINERY_RULES_CONFIG", "/etc/refinery/rules.yaml")
        }
    };
    let flagged = flagged(container, flags);
    if !flagged.is_empty() {
        return flagged;
    }
    match given.machine.variables.get(variable) {
        Some(value) => value.split(',').map(str::to_owned).collect(),
        None => vec![default.to_owned()],
    }
}

/// The values of a flag in its short and its long form.
fn flagged(container: &Item, [short, long]: [&str; 2]) -> Vec<String> {
    let list = |key| container.get(key).and_then(Item::list).unwrap_or_default();
    let words: Vec<String> = list("command").iter().chain(list("args")).filter_map(word).collect();
    let mut values = Vec::new();
    let mut rest = words.into_iter();
    while let Some(word) = rest.next() {
        if word == short || word == long {
            values.extend(rest.next());
        } else if let Some(value) = word.strip_prefix(long).and_then(|rest| rest.strip_prefix('='))
        {
            values.push(value.to_owned());
        } else if let Some(value) = word.strip_prefix(short).filter(|_| !word.starts_with("--")) {
            values.push(value.trim_start_matches('=').to_owned());
        }
    }
    values
}

/// Variables that a container takes from `ConfigMap`s which are made here.
pub fn variables(identity: &Identity, container: &Item, built: &Built) -> Vec<(String, String)> {
    let list = |key| container.get(key).and_then(Item::list).unwrap_or_default();
    let map = |name: &Item| built.map("ConfigMap", name.text()?, identity);
    let mut known = Vec::new();
    for variable in list("env") {
        let of = |key| at(variable, &["valueFrom", "configMapKeyRef", key]);
        let value = of("name").and_then(map).and_then(|map| text_in(map, of("key")?.text()?));
        let name = variable.get("name").and_then(word);
        known.extend(name.zip(value.map(str::to_owned)));
    }
    // The last source counts, and what is named one by one counts over all of them.
    for source in list("envFrom").iter().rev() {
        let prefix = source.get("prefix").and_then(Item::text).unwrap_or_default();
        let Some(map) = at(source, &["configMapRef", "name"]).and_then(map) else { continue };
        let texts =
            map.data.iter().filter_map(|datum| Some((&datum.key, text_in(map, &datum.key)?)));
        known.extend(texts.map(|(key, text)| (format!("{prefix}{key}"), text.to_owned())));
    }
    known
}

fn text_in<'m>(map: &'m Map, key: &str) -> Option<&'m str> {
    match &map.get(key)?.content {
        Content::Within { text, .. } => Some(text),
        Content::File { .. } | Content::Sealed => None,
    }
}
