//! Values with which files near a chart of one's own install it: objects of Argo CD and Flux,
//! helmfiles, and commands.

use super::layers::{Layer, UnreadValues, read_values};
use crate::deploy::chart::facts::merge;
use crate::deploy::documents::documents;
use crate::deploy::gitops::is_key_of_values;
use crate::deploy::helm_command::HelmCommand;
use crate::deploy::loader::Loader;
use crate::deploy::near::{reach, resolve};
use crate::deploy::{Outer, at, block, read_item};
use crate::sniff::file_name::is_script;
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
        let is_outside = folder.is_empty() || !name.starts_with(&within);
        let is_installing = format_of(name) == Some(DataFormat::Yaml) && text.contains(&own);
        is_outside && is_installing || is_script(name) && text.contains("helm")
    };
    let names: Vec<String> = near
        .iter()
        .filter(|file| is_open(&file.name, &file.text))
        .map(|file| file.name.clone())
        .collect();
    let mut layers = Vec::new();
    for name in names {
        let Some((file, text)) = loader.text(&name)? else { continue };
        let ranges = if is_script(&name) { Vec::new() } else { documents(&text) };
        for range in ranges {
            let Ok(item) = read_item(file, text.get(range.clone()).unwrap_or_default()) else {
                continue;
            };
            let item = item.moved(range.start);
            let mut uses = Vec::new();
            search(&item, &name, folder, 0, &mut uses);
            for found in uses {
                let outer = Outer::of(&name, file, &text);
                let all = values_of(outer, found, folder, loader)?;
                layers.extend(layer(&name, base, all));
            }
        }
        for command in commands(&name, &text, folder) {
            let mut all = Vec::new();
            for path in &command.values {
                all.extend(named_values(path, &name, folder, loader)?);
            }
            layers.extend(layer(&name, base, all));
        }
    }
    Ok(layers)
}

/// The values of a chart with others merged over its own; `None` if they change nothing.
fn layer(name: &str, base: &Item, all: Vec<Result<Item, UnreadValues>>) -> Option<Layer> {
    let (mut values, mut unread) = (base.clone(), None);
    for over in all {
        match over {
            Ok(over) => values = merge(&over, values),
            Err(file) => unread = Some(file),
        }
    }
    let over = Some(name.to_owned());
    (values != *base || unread.is_some()).then_some(Layer { over, values, unread })
}

/// The commands in a file that install the chart in a folder.
fn commands(name: &str, text: &str, folder: &str) -> Vec<HelmCommand> {
    let start = reach(split(name).0);
    let above = std::iter::successors(Some(start), |at| (!at.is_empty()).then(|| split(at).0));
    let above: Vec<&str> = std::iter::once(split(name).0).chain(above).collect();
    // A script may run in any folder around it.
    let is_it = |chart: &str| {
        let is_path = chart == "." || chart.contains('/') || format_of(chart).is_none();
        let chart = chart.trim_end_matches('/');
        is_path && above.iter().any(|at| join(at, chart) == folder)
    };
    HelmCommand::all(text, &is_it)
}

/// The values in a file that another one names.
fn named_values(
    path: &str,
    by: &str,
    folder: &str,
    loader: &mut Loader<'_>,
) -> Result<Option<Result<Item, UnreadValues>>, InputError> {
    let of_chart = join(folder, path);
    let name = match loader.peek(&of_chart) {
        Ok(Some(_)) => Some(of_chart),
        _ => resolve(split(by).0, path, loader.store),
    };
    name.map_or(Ok(None), |name| read_values(name, loader))
}

/// The mappings that install the chart in a folder.
fn search<'i>(item: &'i Item, file: &str, folder: &str, depth: usize, found: &mut Vec<&'i Item>) {
    if depth >= DEEPEST {
        return;
    }
    let named = [at(item, &["path"]), at(item, &["chart"]), at(item, &["chart", "spec", "chart"])];
    let is_it = |path: &str| {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        path == folder || path == "." && folder.is_empty() || join(split(file).0, path) == folder
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
) -> Result<Vec<Result<Item, UnreadValues>>, InputError> {
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
        all.extend(named_values(&path, outer.name, folder, loader)?);
    }
    all.extend(own.into_iter().map(Ok));
    Ok(all)
}

/// The values in a string.
fn within(outer: Outer<'_>, item: &Item, text: &str) -> Option<Item> {
    let file: FileId = outer.file;
    let window = Window::new(file, block::pieces(outer, item.span?, text));
    Some(read_item(file, text).ok()?.relocated(&|span| window.outward(span)))
}
