//! Maps that another object names: whether they are in the repository, near the file that names them.

use super::documents::documents;
use super::kustomize::{GENERATORS, key_and_path};
use super::list;
use super::loader::Loader;
use super::pins::has_object;
use super::read_item;
use super::resolve::UNKNOWN_FILE;
use crate::diagnostic::Finding;
use crate::span::{FileId, Span};
use crate::syntax::{DataFormat, Item};
use crate::vfs::path::{format_of, join, split};

/// Whether a `ConfigMap` or Secret of this name, with this key, is written or generated in the folder of a file or an
/// adjacent one.
pub fn has_map_nearby((name, key): (&str, Option<&str>), from: &str, loader: &Loader<'_>) -> bool {
    let folder = split(from).0;
    let mut folders = std::iter::once(folder.to_owned()).chain(loader.adjacent(folder));
    folders.any(|folder| has_map(&folder, (name, key), loader))
}

/// Reports something that is named and was not found.
pub fn not_found(what: &str, place: Option<Span>) -> Finding {
    Finding::new(&UNKNOWN_FILE, format!("{what} not found near this file"))
        .at_some(place, "not checked")
        .help(
            "check the name, or exclude this file: `[[exclude]]` in the settings, with a `reason`",
        )
}

fn has_map(folder: &str, (name, key): (&str, Option<&str>), loader: &Loader<'_>) -> bool {
    let files = loader.names(folder).into_iter().map(|file| join(folder, &file));
    let mut files = files.filter(|file| format_of(file) == Some(DataFormat::Yaml));
    files.any(|file| {
        let text = loader.peek(&file).ok().flatten().unwrap_or_default();
        let is_generated = || text.contains("Generator:") && text.contains("name:");
        text.contains(name)
            && (is_generated() || has_object(&text, &["ConfigMap", "Secret"], &[name.to_owned()]))
            && key.is_none_or(|key| may_have_key(&text, name, key))
    })
}

/// Whether a map of this name in a text has a key, or may have it.
fn may_have_key(text: &str, name: &str, key: &str) -> bool {
    let mut maps = documents(text).into_iter().flat_map(|range| {
        let item = text.get(range).and_then(|text| read_item(FileId(0), text).ok());
        let Some(item) = item else { return vec![None] };
        let is_named = |item: &Item| item.get("name").and_then(Item::text) == Some(name);
        let generators = GENERATORS.iter().flat_map(|(key, _)| list(&item, key));
        let generators = generators.filter(|it| is_named(it)).map(generated);
        let own = item.get("metadata").is_some_and(is_named).then(|| Some(written(&item)));
        generators.chain(own).collect::<Vec<_>>()
    });
    maps.any(|keys| keys.is_none_or(|keys| keys.iter().any(|known| known == key)))
}

/// The keys of a map.
fn written(item: &Item) -> Vec<String> {
    let groups = ["data", "stringData", "binaryData"].iter().filter_map(|group| item.get(group));
    groups.flat_map(Item::entries).map(|entry| entry.key.clone()).collect()
}

/// The keys of a map that Kustomize generates; `None` if they are in another file.
fn generated(generator: &Item) -> Option<Vec<String>> {
    let is_open = ["env", "envs"].iter().any(|key| generator.get(key).is_some());
    let words = |group| list(generator, group).iter().filter_map(Item::text);
    let files = words("files").filter_map(|word| Some(key_and_path(word)?.0));
    let literals = words("literals").filter_map(|word| Some(word.split_once('=')?.0));
    let keys = files.chain(literals).map(str::to_owned).collect();
    (!is_open).then_some(keys)
}
