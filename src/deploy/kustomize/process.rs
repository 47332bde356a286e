//! What a container tells the process: where its files lie, and the variables that come of maps.

use super::objects::{Built, Content, Datum, Identity};
use crate::deploy::command::Word;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::workload::command_of;
use crate::deploy::{at, list, word};
use crate::schema::Kind;
use crate::syntax::Item;
use std::collections::HashSet;

/// The locations of files of a kind; none in place of one that nobody knows.
pub fn locations(kind: Kind, container: &Item, given: &LaunchSpec) -> Vec<Option<String>> {
    let own = own_variables(container);
    let variable = |name: &str| {
        let text = given.machine.variables.get(name).cloned();
        (text.is_some() || own.contains(name)).then_some(Word { text, span: None })
    };
    let locations = command_of(container).locations(kind, variable, None);
    locations.into_iter().map(|location| location.text).collect()
}

/// The names of the variables that are set one by one, with whatever value.
fn own_variables(container: &Item) -> HashSet<String> {
    list(container, "env").iter().filter_map(|variable| word(variable.get("name")?)).collect()
}

/// Variables that a container takes from `ConfigMap`s which are made here.
pub fn variables(identity: &Identity, container: &Item, built: &Built) -> Vec<(String, String)> {
    let map = |name: &Item| built.map("ConfigMap", name.text()?, identity);
    let mut known = Vec::new();
    for variable in list(container, "env") {
        let of = |key| at(variable, &["valueFrom", "configMapKeyRef", key]);
        let value = of("name").and_then(map).and_then(|map| text_in(map.get(of("key")?.text()?)?));
        let name = variable.get("name").and_then(word);
        known.extend(name.zip(value.map(str::to_owned)));
    }
    // The last source counts, and what is named one by one counts over all of them.
    let own = own_variables(container);
    for source in list(container, "envFrom").iter().rev() {
        let prefix = source.get("prefix").and_then(Item::text).unwrap_or_default();
        let Some(map) = at(source, &["configMapRef", "name"]).and_then(map) else { continue };
        let texts = map.data.iter().filter_map(|datum| Some((&datum.key, text_in(datum)?)));
        let texts = texts.map(|(key, text)| (format!("{prefix}{key}"), text.to_owned()));
        known.extend(texts.filter(|(name, _)| !own.contains(name)));
    }
    known
}

fn text_in(datum: &Datum) -> Option<&str> {
    match &datum.content {
        Content::Within { text, .. } => Some(text),
        Content::File { .. } | Content::Sealed => None,
    }
}
