//! The Flux Kustomizations that apply a folder, with the variables of each.

use super::variables::{Setting, Variables};
use crate::deploy::documents::documents;
use crate::deploy::kustomize::kustomization::{is_remote, names_in};
use crate::deploy::loader::Loader;
use crate::deploy::near::{NearFile, resolve_from_top};
use crate::deploy::{at, list, read_item, word};
use crate::span::{FileId, Span};
use crate::syntax::{Entry, Item, Value};
use crate::vfs::Skip;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{below, join, split};
use std::collections::BTreeSet;
use std::ops::Range;

/// The maximum number of folders that one Kustomization is followed to.
const MOST_FOLDERS: usize = 500;

/// The start of the `apiVersion` of Kustomizations of Flux.
const GROUP: &str = "kustomize.toolkit.fluxcd.io/";

/// How a Kustomization gets to a folder, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// It applies the folder as it is.
    Whole,
    /// Files of Kustomize refer to the folder, and may change what is in it.
    Through,
    /// The folder is below its path, but no file of Kustomize refers to it.
    Below,
}

/// A Kustomization that applies a folder.
pub struct Applying {
    /// Its name and file.
    pub name: String,
    /// The object, or where it sets variables.
    pub place: Span,
    pub reach: Reach,
    /// `None` if it replaces nothing.
    pub variables: Option<Variables>,
}

/// Finds the Kustomizations that apply a folder. Those that only have it below their path count if
/// there are no others.
///
/// # Errors
/// All files together are too large.
pub fn applying(folder: &str, loader: &mut Loader<'_>) -> Result<Vec<Applying>, InputError> {
    let files = loader.loaded.near.of_flux(loader.store, folder);
    let objects = || files.iter().flat_map(|file| items(file).iter().map(move |it| (file, it)));
    let is_patched = objects().any(|(_, object)| patches_variables(object));
    let mut all = Vec::new();
    for (file, object) in objects().filter(|(_, object)| is_kustomization(object)) {
        let path = at(object, &["spec", "path"]).and_then(Item::text).unwrap_or(".");
        let Some(reach) = reach(&file.name, path, folder, loader) else { continue };
        let Some((id, _)) = loader.text_in_sight(&file.name)? else { continue };
        let build = at(object, &["spec", "postBuild"]);
        let mut variables = match build {
            Some(build) => Some(read(build, &file.name, id, loader)?),
            None => is_patched.then(Variables::default),
        };
        if let Some(variables) = &mut variables {
            variables.is_open |= is_patched;
        }
        let own = at(object, &["metadata", "name"]).and_then(Item::text).unwrap_or("?");
        let name = format!("{own} in {}", file.name);
        let span = build.and_then(|build| build.span).or(object.span);
        let place = span.map_or(Span::new(id, 0, 0), |span| Span { file: id, ..span });
        all.push(Applying { name, place, reach, variables });
    }
    if all.iter().any(|one| one.reach < Reach::Below) {
        all.retain(|one| one.reach < Reach::Below);
    }
    if all.iter().all(|one| one.variables.is_none()) {
        all.clear();
    }
    Ok(all)
}

/// The folders that the Kustomizations of the repository around a folder apply.
pub fn applied_folders(folder: &str, loader: &Loader<'_>) -> BTreeSet<String> {
    let files = loader.loaded.near.of_flux(loader.store, folder);
    let objects = files.iter().flat_map(|file| items(file).iter().map(move |it| (file, it)));
    let applied =
        objects.filter(|(_, object)| is_kustomization(object)).filter_map(|(file, it)| {
            let path = at(it, &["spec", "path"])?.text()?;
            let path = path.trim_start_matches("./").trim_matches('/');
            resolve_from_top(split(&file.name).0, path, loader.store)
        });
    applied.take(MOST_FOLDERS).collect()
}

/// The objects in a file, with their places in it.
fn items(file: &NearFile) -> &[Item] {
    file.items(|text| {
        let read = |range: Range<usize>| {
            let start = range.start;
            Some(read_item(FileId(0), text.get(range)?).ok()?.moved(start))
        };
        documents(text).into_iter().filter_map(read).collect()
    })
}

fn is_kustomization(object: &Item) -> bool {
    let text = |key| object.get(key).and_then(Item::text).unwrap_or_default();
    text("kind") == "Kustomization" && text("apiVersion").starts_with(GROUP)
}

/// Whether it sets variables of other Kustomizations.
fn patches_variables(object: &Item) -> bool {
    const LISTS: [&str; 3] = ["patches", "patchesStrategicMerge", "patchesJson6902"];
    let lists = [Some(object), object.get("spec")].into_iter().flatten();
    let mut patches = lists.flat_map(|it| LISTS.iter().flat_map(|key| list(it, key)));
    patches.any(|patch| {
        let text = patch.text().or_else(|| patch.get("patch")?.text());
        text.is_some_and(|text| text.contains("postBuild"))
    })
}

/// How a path in a file, from the root of the repository, gets to a folder.
fn reach(file: &str, path: &str, folder: &str, loader: &Loader<'_>) -> Option<Reach> {
    let path = path.trim_start_matches("./").trim_matches('/');
    let path = if path == "." { "" } else { path };
    let start = resolve_from_top(split(file).0, path, loader.store)?;
    let is_below = start.is_empty() || below(folder, &start).is_some();
    let mut known = BTreeSet::new();
    let mut waiting = vec![(start, Reach::Whole)];
    while let Some((at, reach)) = waiting.pop() {
        if at == folder {
            return Some(reach);
        }
        if known.len() >= MOST_FOLDERS || !known.insert(at.clone()) {
            continue;
        }
        match resources(&at, loader) {
            Some(paths) => waiting.extend(paths.into_iter().map(|path| (path, Reach::Through))),
            None => waiting.extend(inner(&at, loader).into_iter().map(|path| (path, reach))),
        }
    }
    is_below.then_some(Reach::Below)
}

/// The folders that a folder's kustomization refers to; `None` without a kustomization.
fn resources(folder: &str, loader: &Loader<'_>) -> Option<Vec<String>> {
    let text = names_in(folder).find_map(|name| loader.peek(&name).ok()?)?;
    let range = documents(&text).into_iter().next().unwrap_or_default();
    let item = read_item(FileId(0), text.get(range)?).ok();
    let lists = ["resources", "bases", "components"];
    let paths = item.iter().flat_map(|item| lists.iter().flat_map(|key| list(item, key)));
    let paths = paths.filter_map(Item::text).filter(|path| !is_remote(path));
    let folder_of = |path: &str| {
        let path = join(folder, path);
        if loader.is_folder(&path) { path } else { split(&path).0.to_owned() }
    };
    Some(paths.map(folder_of).collect())
}

/// The folders in a folder, which Flux searches too.
fn inner(folder: &str, loader: &Loader<'_>) -> Vec<String> {
    let names = loader.names(folder).into_iter();
    let names = names.filter(|name| Skip::of_name(name, true).is_none());
    names.map(|name| join(folder, &name)).filter(|path| loader.is_folder(path)).collect()
}

/// The variables of a `postBuild`.
fn read(
    build: &Item,
    file: &str,
    id: FileId,
    loader: &mut Loader<'_>,
) -> Result<Variables, InputError> {
    let mut variables = Variables::default();
    for source in list(build, "substituteFrom") {
        match map_named(source, file, loader)? {
            Some(values) => variables.extend(values),
            None => variables.is_open = true,
        }
    }
    variables.extend(build.get("substitute").map(|own| values(own, id)).unwrap_or_default());
    Ok(variables)
}

/// The values of a mapping in a file.
fn values(mapping: &Item, file: FileId) -> Vec<(String, Setting)> {
    let entries = mapping.entries().iter();
    let read = |entry: &Entry| {
        let place = entry.item.span.map(|span| Span { file, ..span });
        Some((entry.key.clone(), (word(&entry.item)?, place)))
    };
    entries.filter_map(read).collect()
}

/// The values of a `ConfigMap` next to a file. Secrets are usually encrypted, or made elsewhere.
fn map_named(
    source: &Item,
    file: &str,
    loader: &mut Loader<'_>,
) -> Result<Option<Vec<(String, Setting)>>, InputError> {
    let text = |key| source.get(key).and_then(Item::text);
    let Some(name) = text("name").filter(|_| text("kind") == Some("ConfigMap")) else {
        return Ok(None);
    };
    let folder = split(file).0;
    let folders = std::iter::once(folder.to_owned()).chain(loader.adjacent(folder));
    let files = folders.flat_map(|folder| {
        let names = loader.names(&folder).into_iter();
        names.map(|name| join(&folder, &name)).collect::<Vec<_>>()
    });
    for file in files.collect::<Vec<_>>() {
        let text = loader.peek(&file).ok().flatten().filter(|text| text.contains(name));
        let Some(data) = text.and_then(|text| data_of(&text, name)) else { continue };
        let Some((id, _)) = loader.text_in_sight(&file)? else { continue };
        return Ok(Some(values(&data, id)));
    }
    Ok(None)
}

/// The data of a `ConfigMap` in a text.
fn data_of(text: &str, name: &str) -> Option<Item> {
    documents(text).into_iter().find_map(|range| {
        let start = range.start;
        let item = read_item(FileId(0), text.get(range)?).ok()?.moved(start);
        let is_it = item.get("kind").and_then(Item::text) == Some("ConfigMap")
            && at(&item, &["metadata", "name"]).and_then(Item::text) == Some(name);
        is_it.then(|| item.get("data").cloned().unwrap_or(Item::new(Value::Null, None)))
    })
}
