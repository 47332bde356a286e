//! Values with which files near a user's own chart install it: Argo CD and Flux objects, helmfiles,
//! and commands.

use super::chart::{Layer, UnreadValues};
use super::layers::read_values;
use crate::deploy::chart::facts::merge;
use crate::deploy::chart::local::chart_paths;
use crate::deploy::chart::set::Setting;
use crate::deploy::chart::stack::settings;
use crate::deploy::chart::unusable::is_mapping;
use crate::deploy::documents::documents;
use crate::deploy::gitops::is_key_of_values;
use crate::deploy::helm_command::HelmCommand;
use crate::deploy::loader::Loader;
use crate::deploy::near::{captured, reach, resolve, with_patterns};
use crate::deploy::{Outer, block, read_item};
use crate::sniff::containers::is_template;
use crate::sniff::shebang::is_script_file;
use crate::span::{FileId, Span, Window};
use crate::syntax::{DataFormat, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split, with_parents};

/// The maximum depth of an object that installs a chart.
const DEEPEST: usize = 16;

/// The values with which files near a chart install it.
#[derive(Default)]
pub struct Installed {
    pub layers: Vec<Layer>,
    /// Whether all values files of one of them were found.
    pub is_read: bool,
}

impl Installed {
    fn add(&mut self, other: Self) {
        self.layers.extend(other.layers);
        self.is_read |= other.is_read;
    }
}

/// The layers of values for the chart in a folder, each merged over its own.
///
/// # Errors
/// A file cannot be read.
pub fn installed(
    folder: &str,
    base: &Item,
    loader: &mut Loader<'_>,
) -> Result<Installed, InputError> {
    let within = format!("{folder}/");
    let own = split(folder).1.to_owned();
    let near = loader.loaded.near.near(loader.store, &join(folder, "values.yaml"));
    let is_open = |name: &str, text: &str| {
        let is_outside = folder.is_empty() || !name.starts_with(&within);
        let is_installing = format_of(name) == Some(DataFormat::Yaml) && text.contains(&own);
        is_outside && is_installing || is_script_file(name, text) && text.contains("helm")
    };
    let names: Vec<String> = near
        .iter()
        .filter(|file| is_open(&file.name, &file.text))
        .map(|file| file.name.clone())
        .collect();
    let mut all = Installed::default();
    for name in names {
        let Some((file, text)) = loader.text(&name)? else { continue };
        let ranges = if is_script_file(&name, &text) { Vec::new() } else { documents(&text) };
        for range in ranges {
            let Ok(item) = read_item(file, text.get(range.clone()).unwrap_or_default()) else {
                continue;
            };
            let item = item.moved(range.start);
            let mut uses = Vec::new();
            search(&item, &name, folder, 0, &mut uses);
            for found in uses {
                let outer = Outer::of(&name, file, &text);
                let (files, own) = values_of(outer, found);
                let passed = Passed { files, own, sets: settings(found, &mut |_| None) };
                all.add(read_all(&passed, (&name, folder, base), loader)?);
            }
        }
        for command in commands(&name, &text, folder) {
            // The content of files is checked where the command names them.
            let is_file = |set: &&Setting| command.files.iter().any(|(name, _)| *name == set.name);
            let sets = command.sets.iter().filter(|set| !is_file(set));
            let sets = sets.map(|setting| placed(setting.clone(), file, &text));
            let passed = Passed { files: command.values, own: Vec::new(), sets: sets.collect() };
            all.add(read_all(&passed, (&name, folder, base), loader)?);
        }
    }
    Ok(all)
}

/// The values of a chart with others merged over its own; `None` if they change nothing.
fn layer(name: &str, base: &Item, all: Vec<Read>, sets: &[Setting]) -> Option<Layer> {
    let (mut values, mut unread) = (base.clone(), None);
    for over in all {
        match over {
            Ok(over) => values = merge(&over, values),
            Err(file) => unread = Some(file),
        }
    }
    for setting in sets {
        setting.apply(&mut values);
    }
    let over = Some(name.to_owned());
    let sets = sets.iter().map(|setting| setting.name.clone()).collect();
    (values != *base || unread.is_some()).then_some(Layer { over, values, sets, unread })
}

/// A single value of a command, placed where its name first occurs in the file.
fn placed(setting: Setting, file: FileId, text: &str) -> Setting {
    let start = text.find(&setting.name);
    let span = start.map(|start| Span::new(file, start, start + setting.name.len()));
    Setting { value: Item { span, ..setting.value }, ..setting }
}

/// The commands in a file that install the chart in a folder.
fn commands(name: &str, text: &str, folder: &str) -> Vec<HelmCommand> {
    let start = reach(split(name).0);
    let above = with_parents(start);
    let above: Vec<&str> = std::iter::once(split(name).0).chain(above).collect();
    // A script may run in any folder around it.
    let is_it = |chart: &str| {
        let is_path = chart == "." || chart.contains('/') || format_of(chart).is_none();
        let chart = chart.trim_end_matches('/');
        is_path && above.iter().any(|at| join(at, chart) == folder)
    };
    HelmCommand::all(name, text, &is_it)
}

/// Values, or a text that Helm cannot read.
type Read = Result<Item, UnreadValues>;

/// What is passed to a chart, in the order in which Helm merges it.
struct Passed {
    files: Vec<String>,
    own: Vec<Read>,
    sets: Vec<Setting>,
}

/// The layers of values in files that another one names, and in itself: one for each text that
/// variables in the paths may stand for.
fn read_all(
    passed: &Passed,
    (by, folder, base): (&str, &str, &Item),
    loader: &mut Loader<'_>,
) -> Result<Installed, InputError> {
    let Passed { files: paths, own, sets } = passed;
    let mut meanings = vec![None];
    let patterns = paths.iter().filter(|path| path.contains("{{"));
    let mut variants: Vec<Option<String>> =
        patterns.flat_map(|path| matching(path, by, folder, loader)).map(|it| Some(it.1)).collect();
    variants.sort();
    variants.dedup();
    if !variants.is_empty() {
        meanings = variants;
    }
    let (mut layers, mut is_read) = (Vec::new(), !(paths.is_empty() && own.is_empty()));
    is_read &= !paths.iter().any(|path| path.contains("{{"));
    for meaning in meanings {
        let mut all = Vec::new();
        for path in paths {
            if path.contains("{{") {
                let found = matching(path, by, folder, loader).into_iter();
                let found = found.filter(|(_, text)| Some(text) == meaning.as_ref());
                for (name, _) in found {
                    all.extend(read_values(name, loader)?);
                }
            } else {
                let found = named_values(path, by, folder, loader)?;
                is_read &= found.is_some();
                all.extend(found);
            }
        }
        all.extend(own.iter().cloned());
        layers.extend(layer(by, base, all, sets));
    }
    Ok(Installed { layers, is_read })
}

/// The maximum number of files that a path with variables is compared with.
const MOST: usize = 1000;

/// The files that a path with variables may mean, each with the text that they then stand for.
fn matching(path: &str, by: &str, folder: &str, loader: &Loader<'_>) -> Vec<(String, String)> {
    let path = path.trim_start_matches("./");
    let above = with_parents(split(by).0);
    let mut starts: Vec<String> = std::iter::once(folder).chain(above).map(str::to_owned).collect();
    starts.push(reach(split(by).0).to_owned());
    let fixed = path.split("{{").next().unwrap_or_default();
    let fixed = fixed.rsplit_once('/').map_or("", |(fixed, _)| fixed);
    // A variable at the start of a path is a folder.
    let (fixed, path) = match fixed.split_once('/').filter(|(start, _)| start.contains('$')) {
        Some((start, fixed)) => (fixed, path.get(start.len() + 1..).unwrap_or_default()),
        None => (fixed, path),
    };
    let mut found = Vec::new();
    let mut left = MOST;
    for start in &starts {
        let pattern = join(start, path);
        let mut waiting = vec![join(start, fixed)];
        while let Some(at) = waiting.pop() {
            for name in loader.names(&at) {
                let name = join(&at, &name);
                left = left.saturating_sub(1);
                if left > 0 && loader.is_folder(&name) {
                    // Not the whole repository.
                    waiting.extend(Some(name).filter(|_| !fixed.is_empty()));
                } else if let Some(text) = captured(&name, &pattern)
                    && format_of(&name) == Some(DataFormat::Yaml)
                {
                    found.push((name.clone(), text.to_owned()));
                }
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}

/// The values in a file that another one names.
fn named_values(
    path: &str,
    by: &str,
    folder: &str,
    loader: &mut Loader<'_>,
) -> Result<Option<Read>, InputError> {
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
    let is_it = |path: &str| {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        path == folder || path == "." && folder.is_empty() || join(split(file).0, path) == folder
    };
    if chart_paths(item).any(is_it) {
        found.push(item);
    }
    let inner = item.entries().iter().map(|entry| &entry.item);
    for inner in inner.chain(item.list().unwrap_or_default()) {
        search(inner, file, folder, depth + 1, found);
    }
}

/// The files with values that a mapping which installs a chart names, and its own values.
fn values_of(outer: Outer<'_>, found: &Item) -> (Vec<String>, Vec<Read>) {
    let places = [Some(found), found.get("helm")].into_iter().flatten();
    let entries = places.flat_map(Item::entries).filter(|entry| is_key_of_values(&entry.key));
    let (mut files, mut own) = (Vec::new(), Vec::new());
    for entry in entries {
        let elements = entry.item.list().unwrap_or(std::slice::from_ref(&entry.item));
        for element in elements {
            match &element.value {
                Value::Map(_) => own.push(Ok(element.clone())),
                Value::Text(text) if text.contains('\n') => {
                    own.extend(within(outer, element, text));
                }
                Value::Text(path) => files.push(with_patterns(path)),
                _ => {}
            }
        }
    }
    (files, own)
}

/// The values in a string. Those of a template are unknown.
fn within(outer: Outer<'_>, item: &Item, text: &str) -> Option<Read> {
    let pieces = block::pieces(outer, item.span?, text);
    match read_item(outer.file, text) {
        Ok(item) if is_mapping(&item) => {
            let window = Window::new(outer.file, pieces);
            Some(Ok(item.relocated(&|span| window.outward(span))))
        }
        Err(fault) if is_template(text, fault) => None,
        _ => Some(Err(UnreadValues { name: outer.name.to_owned(), text: text.to_owned(), pieces })),
    }
}
