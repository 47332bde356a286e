//! Values with which files near a chart of one's own install it: objects of Argo CD and Flux, and
//! helmfiles.

use super::layers::Layer;
use crate::deploy::chart::facts::merge;
use crate::deploy::chart::layers::Values;
use crate::deploy::documents::documents;
use crate::deploy::gitops::is_key_of_values;
use crate::deploy::loader::Loader;
use crate::deploy::near::resolve;
use crate::deploy::{Outer, at, block, read_item};
use crate::span::{FileId, Window};
use crate::syntax::{DataFormat, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split};

/// The maximum depth of an object that installs a chart.
const DEEPEST: usize = 16;

/// The layers of values for the chart in a folder, each merged over its own.
///
/// # Errors
/// A file cannot be read.
pub fn installed(
    folder: &str,
    base: &Item,
    loader: &mut Loader<'_>,
) -> Result<Vec<Layer>, InputError> {
    let within = format!("{folder}/");
    let own = split(folder).1.to_owned();
    let near = loader.loaded.near.near(loader.store, &join(folder, "values.yaml"));
    let is_open = |name: &str, text: &str| {
        let is_outside = !name.starts_with(&within);
        is_outside && format_of(name) == Some(DataFormat::Yaml) && text.contains(&own)
    };
    let names: Vec<String> = near
        .iter()
        .filter(|file| is_open(&file.name, &file.text))
        .map(|file| file.name.clone())
        .collect();
    let mut layers = Vec::new();
    for name in names.into_iter().filter(|_| !own.is_empty()) {
        let Some((file, text)) = loader.text(&name)? else { continue };
        for range in documents(&text) {
            let Ok(item) = read_item(file, text.get(range.clone()).unwrap_or_default()) else {
                continue;
            };
            let item = item.moved(range.start);
            let mut uses = Vec::new();
            search(&item, &name, folder, 0, &mut uses);
            for found in uses {
                let outer = Outer::of(&name, file, &text);
                let mut values = base.clone();
                for over in values_of(outer, found, folder, loader)? {
                    values = merge(&over, values);
                }
                if values != *base {
                    layers.push(Layer { over: Some(name.clone()), values });
                }
            }
        }
    }
    Ok(layers)
}

/// The mappings that install the chart in a folder.
fn search<'i>(item: &'i Item, file: &str, folder: &str, depth: usize, found: &mut Vec<&'i Item>) {
    if depth >= DEEPEST {
        return;
    }
    let named = [at(item, &["path"]), at(item, &["chart"]), at(item, &["chart", "spec", "chart"])];
    let is_it = |path: &str| {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        path == folder || join(split(file).0, path) == folder
    };
    if named.into_iter().flatten().filter_map(Item::text).any(is_it) {
        found.push(item);
    }
    let inner = item.entries().iter().map(|entry| &entry.item);
    for inner in inner.chain(item.list().unwrap_or_default()) {
        search(inner, file, folder, depth + 1, found);
    }
}

/// The values in a mapping that installs a chart, and those in the files that it names, lowest first.
fn values_of(
    outer: Outer<'_>,
    found: &Item,
    folder: &str,
    loader: &mut Loader<'_>,
) -> Result<Vec<Item>, InputError> {
    let places = [Some(found), found.get("helm")].into_iter().flatten();
    let entries = places.flat_map(Item::entries).filter(|entry| is_key_of_values(&entry.key));
    let (mut files, mut own) = (Vec::new(), Vec::new());
    for entry in entries {
        let elements = entry.item.list().unwrap_or(std::slice::from_ref(&entry.item));
        for element in elements {
            match &element.value {
                Value::Map(_) => own.push(element.clone()),
                Value::Text(text) if text.contains('\n') => {
                    own.extend(within(outer, element, text));
                }
                Value::Text(path) => files.push(path.clone()),
                _ => {}
            }
        }
    }
    let mut all = Vec::new();
    for path in files {
        let of_chart = join(folder, &path);
        let name = match loader.peek(&of_chart) {
            Ok(Some(_)) => Some(of_chart),
            _ => resolve(split(outer.name).0, &path, loader.store),
        };
        if let Some(name) = name
            && let Some(Ok(values)) = Values::read(name, loader)?
        {
            all.push(values.item);
        }
    }
    all.extend(own);
    Ok(all)
}

/// The values in a string.
fn within(outer: Outer<'_>, item: &Item, text: &str) -> Option<Item> {
    let file: FileId = outer.file;
    let window = Window::new(file, block::pieces(outer, item.span?, text));
    Some(read_item(file, text).ok()?.relocated(&|span| window.outward(span)))
}
