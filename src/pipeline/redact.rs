//! Redacts secrets in everything that quotes a file: by their keys, and by value wherever they are
//! repeated.

use super::documents::Documents;
use super::options::LaunchContext;
use crate::schema::Kind;
use crate::schema::secrets::{Repeats, Secrets, find_secrets, is_secret_key};
use crate::span::{Files, Span};
use crate::syntax::{Item, Value};
use std::collections::HashSet;

/// Masks and returns the secrets of all files.
pub fn hide_secrets(files: &mut Files) -> Secrets {
    for id in files.all().collect::<Vec<_>>() {
        for range in find_secrets(&files.get(id).text) {
            files.mask(Span::new(id, range.start, range.end));
        }
    }
    let secrets = Secrets::of(files.hidden());
    let repeats = Repeats::of(&secrets);
    for id in files.all().collect::<Vec<_>>() {
        let found = repeats.as_ref().map(|repeats| repeats.find_in(&files.get(id).text));
        for range in found.into_iter().flatten() {
            files.mask(Span::new(id, range.start, range.end));
        }
    }
    secrets
}

/// Other secrets of a deployment: decoded values, variables and flags.
pub(super) fn secrets_of(documents: &Documents, launch: &LaunchContext) -> Secrets {
    let mut values = Vec::new();
    for document in &documents.config {
        for (group, key) in Kind::Config.root().children() {
            let Some(group) = document.item.as_ref().and_then(|item| item.get(group)) else {
                continue;
            };
            let secret = key.children().filter(|(_, key)| key.is_secret());
            secret.filter_map(|(name, _)| group.get(name)).for_each(|i| texts(i, &mut values));
        }
    }
    let referenced: HashSet<&str> = values.iter().flat_map(|text| variables_in(text)).collect();
    let named = |name: &&str| is_secret_key(name) || referenced.contains(name);
    let environment = &launch.environment;
    let variables = environment.names().filter(named);
    let variables: Vec<&str> = variables.filter_map(|name| environment.value(name)).collect();
    let arguments = launch.arguments.join("\n");
    let flags = find_secrets(&arguments).into_iter().map(|range| &arguments[range]);
    Secrets::of(values.iter().copied().chain(variables).chain(flags))
}

/// The names in `${NAME}`.
fn variables_in(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('}').filter_map(|part| Some(part.strip_suffix('}')?.rsplit_once("${")?.1))
}

fn texts<'i>(item: &'i Item, out: &mut Vec<&'i str>) {
    match &item.value {
        Value::Text(text) => out.push(text),
        Value::List(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Map(entries) => entries.iter().for_each(|entry| texts(&entry.item, out)),
        _ => out.push(&item.raw),
    }
}
