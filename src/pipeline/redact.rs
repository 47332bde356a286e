//! Redacts secrets in everything that quotes a file: by their keys, and by value wherever they are
//! repeated.

use super::documents::Documents;
use super::options::LaunchContext;
use super::parallel::map;
use crate::schema::Kind;
use crate::schema::secrets::{Repeats, Secrets, find_secrets, is_secret_key};
use crate::span::{FileId, Files, Span};
use crate::syntax::{Item, Value};
use std::collections::HashSet;
use std::ops::Range;

/// Masks and returns the secrets of all files.
pub fn hide_secrets(files: &mut Files) -> Secrets {
    mask_all(files, find_secrets);
    let secrets = Secrets::of(files.hidden());
    if let Some(repeats) = Repeats::of(&secrets) {
        mask_all(files, |text| repeats.find_in(text));
    }
    secrets
}

/// Masks what is found in the text of each file.
fn mask_all(files: &mut Files, find: impl Fn(&str) -> Vec<Range<usize>> + Sync) {
    /// Scanning a small file takes less time than starting a worker for it.
    const BATCH: usize = 8;
    let all: Vec<FileId> = files.all().collect();
    let batches: Vec<&[FileId]> = all.chunks(BATCH).collect();
    let found = map(&batches, |batch| -> Vec<_> {
        batch.iter().map(|&id| (id, find(&files.get(id).text))).collect()
    });
    for (id, ranges) in found.into_iter().flatten() {
        for range in ranges {
            files.mask(Span::new(id, range.start, range.end));
        }
    }
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
