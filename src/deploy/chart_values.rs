//! Values for the Refinery chart in a document: those in strings, and the files and layers that they
//! are merged over.

use super::application_set::is_set;
use super::chart::facts::{layer, merge};
use super::chart::find::find;
use super::chart::layers::{Values, find_base, find_overlays, merged};
use super::chart::local;
use super::chart::open_values;
use super::chart::source::{ChartSource, find_source};
use super::chart::stack::{find_plain, find_unusable_maps, generated_values, merge_layers};
use super::chart::unusable::find_no_mapping;
use super::chart::wrapped::find_wrapped;
use super::chart_templates::installed::installed;
use super::chart_templates::values::read_values;
use super::gitops::{self, ValuesText};
use super::kustomize::has_map_in_sight;
use super::loader::Loader;
use super::near::{resolve, resolve_folder};
use super::placeholder::is_reference;
use super::{EmbeddedFile, Opened, Outer, leave_unread, read_item};
use super::{parameters, path_pattern};
use crate::notice::Notice;
use crate::sniff::containers::{is_template, may_hold};
use crate::sniff::file_name::is_values;
use crate::span::{FileId, Span};
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use crate::vfs::path::split;
use std::collections::BTreeSet;

/// Opens values files that are named explicitly, each merged over those before it.
///
/// # Errors
/// One of them cannot be read, or not as values.
pub fn open_stack(names: &[String], loader: &mut Loader<'_>) -> Result<Opened, InputError> {
    let mut stack = Vec::new();
    for name in names {
        stack.push(Values::demand(name, loader)?);
    }
    let mut opened = Opened::default();
    if let Some(Values { name, file, text, item }) = stack.pop() {
        let all = stack.iter().map(|values| (&values.name, &values.text)).chain([(&name, &text)]);
        let source = all.rev().find_map(|(name, text)| find_source(name, text, loader));
        let outer = Outer { chart: source.as_ref(), ..Outer::of(&name, file, &text) };
        open_merged(outer, &item, &stack, &mut opened);
    }
    Ok(opened)
}

/// Follows uses of the chart to the files and maps that they take values from.
///
/// # Errors
/// A file with maps cannot be read.
pub fn follow_files(
    outer: Outer<'_>,
    item: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let folder = split(outer.name).0;
    let parameters = parameters::find(outer, item, loader);
    let lookup = gitops::Lookup {
        find_file: &|path| resolve(folder, path, loader.store),
        has_map: &|map, key| has_map_in_sight((map, Some(key)), outer.name, loader),
        variants: &|path| {
            let filled = parameters.iter().filter_map(|it| parameters::filled(path, it));
            filled.collect()
        },
        matching: &|path| path_pattern::find_files(folder, path, loader),
        has_folder: &|path| resolve_folder(folder, split(path).0, loader.store).is_some(),
        // Such as a task of Ansible before.
        is_made: &|path| path.starts_with('/') && outer.text.matches(path).count() > 1,
    };
    let named = gitops::find_files(item, lookup);
    let local = local::find_files(outer, item, loader);
    if gitops::uses(item).into_iter().all(gitops::is_of_honeycomb) {
        let fitting = |file: &&String| gitops::fits(item, file, lookup);
        opened.top_values.extend(named.0.iter().filter(|file| !fitting(file)).cloned());
    }
    for (found, missing) in [named, local] {
        opened.values.extend(found);
        opened.unchecked.extend(missing);
    }
    opened.values.extend(generated_values(outer.name, item, loader));
    let (unusable, notices) = find_unusable_maps(outer.name, item, loader)?;
    opened.unchecked.extend(unusable);
    opened.notices.extend(notices);
    Ok(())
}

/// Opens the values for the chart in an item.
pub fn open_charts(
    outer: Outer<'_>,
    item: Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let mut item = unfold(outer, item, loader, opened);
    let folder = split(outer.name).0;
    let find_file = |path: &str, loader: &Loader<'_>| find_plain(folder, path, loader);
    let below = merge_layers(outer, &mut item, &find_file, loader)?;
    if below.is_empty() {
        return open_layers(outer, &item, loader, opened);
    }
    opened.add_layers(outer.name, &below);
    open_values(Outer { base_values: &below, ..outer }, &item, opened);
    Ok(())
}

/// Parses values for the chart that are in strings.
pub fn unfold(outer: Outer<'_>, mut item: Item, loader: &Loader<'_>, opened: &mut Opened) -> Item {
    let is_set = is_set(&item);
    gitops::unfold(outer, &mut item, &mut |values| {
        let ValuesText { text, pieces, is_named } = values;
        // Other values are the names of files.
        let is_path = !text.contains(['\n', ' ', ':']);
        if is_path || is_reference(text) || !(is_named || may_hold(text)) {
            return None;
        }
        let place = pieces.first().map(|piece| piece.outer).filter(|_| is_named);
        if let Some(finding) = place.and_then(|place| find_no_mapping(text, place)) {
            opened.unchecked.push(finding);
            return None;
        }
        let read = read_item(outer.file, text);
        // Parameters that are not known.
        let read = read.or_else(|fault| {
            read_values(outer, text).filter(|_| is_set && text.contains("{{")).ok_or(fault)
        });
        match read {
            Ok(item) if is_named => Some(item),
            Ok(item) => (!find(&item).is_empty()).then_some(item),
            Err(fault) if is_named && !is_template(text, fault) => {
                opened.parts.push(EmbeddedFile::unreadable(outer, text, pieces));
                None
            }
            Err(fault) => {
                leave_unread(outer, text, pieces, fault, loader, opened);
                None
            }
        }
    });
    item
}

/// Opens values with their base or overlays.
pub fn open_layers(
    outer: Outer<'_>,
    item: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let is_whole = |source: &ChartSource| source.is_whole() && !source.is_guessed;
    if item.list().is_some() && outer.chart.is_some_and(is_whole) {
        let top = outer.text.lines().next().map_or(0, str::len);
        opened.unchecked.extend(find_no_mapping(outer.text, Span::new(outer.file, 0, top)));
        return Ok(());
    }
    opened.unchecked.extend(outer.chart.into_iter().flat_map(|it| find_wrapped(it, item)));
    let below = read_bases(outer, item, loader)?;
    if !below.is_empty() {
        open_merged(outer, item, &below, opened);
        return Ok(());
    }
    if let Some(source) = outer.chart.filter(|source| !source.settings.is_empty()) {
        opened.add_settings(outer.name, source);
        open_values(outer, &source.with_settings(item.clone()), opened);
        return Ok(());
    }
    if let Some(base) = find_base(outer.name, item, loader)? {
        open_merged(outer, item, &[base], opened);
        return Ok(());
    }
    open_values(outer, item, opened);
    open_installed(outer, item, loader, opened)?;
    for layer in find_overlays(outer.name, item, loader)? {
        match layer {
            Ok(Values { name, file, text, item: layer }) => {
                let layered = Outer { name: &name, file, text: &text, start: 0, ..outer };
                open_merged(layered, &layer, &[Values::of(outer, item)], opened);
            }
            Err(notice) => opened.notices.push(notice),
        }
    }
    Ok(())
}

/// Opens the values of a chart of the repository with the single values that nearby files set when they
/// install it. Other values that they pass are opened themselves.
fn open_installed(
    outer: Outer<'_>,
    item: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let (folder, own) = split(outer.name);
    let is_beside = |source: &ChartSource| source.is_in_folder() && is_values(own);
    let Some(source) = outer.chart.filter(|source| is_beside(source)) else { return Ok(()) };
    for layer in installed(folder, item, loader)?.layers {
        let (Some(by), None) = (layer.over, layer.unread) else { continue };
        if !layer.sets.iter().any(|name| source.has_setting(name)) {
            continue;
        }
        let Some((file, text)) = loader.text(&by)? else { continue };
        let mut sources = BTreeSet::new();
        add_files(&layer.values, &mut sources);
        let below: Vec<Values> = sources.into_iter().map(|it| unread(it, loader)).collect();
        let what = format!("overrides values of {}: {}", outer.name, layer.sets.join(", "));
        opened.notices.push(Notice::on(by.as_str(), what));
        let outer =
            Outer { base_values: &below, chart: outer.chart, ..Outer::of(&by, file, &text) };
        open_values(outer, &layer.values, opened);
    }
    Ok(())
}

/// Adds the files in which values are written.
fn add_files(item: &Item, found: &mut BTreeSet<FileId>) {
    found.extend(item.span.map(|span| span.file));
    let inner = item.entries().iter().map(|entry| &entry.item);
    for inner in inner.chain(item.list().unwrap_or_default()) {
        add_files(inner, found);
    }
}

fn unread(file: FileId, loader: &Loader<'_>) -> Values {
    let source = loader.loaded.files.get(file);
    Values::unread(source.name.file(), file, &source.text)
}

/// The values files that the chart merges these values over, lowest first. Faults in them are
/// reported when they are checked themselves.
fn read_bases(
    outer: Outer<'_>,
    item: &Item,
    loader: &mut Loader<'_>,
) -> Result<Vec<Values>, InputError> {
    let mut below = Vec::new();
    let source = outer.chart.filter(|source| source.has_values_in(item));
    for name in source.map(|source| &source.bases).into_iter().flatten() {
        below.extend(Values::read(name.clone(), loader)?.and_then(Result::ok));
    }
    Ok(below)
}

/// Opens values merged over `base_values`, base first.
fn open_merged(outer: Outer<'_>, item: &Item, base_values: &[Values], opened: &mut Opened) {
    if let Some(below) = merged(base_values) {
        opened.add_layers(outer.name, base_values);
        // Below a key they are values of a chart that depends on Refinery's, and of its defaults null
        // removes only its own.
        let is_nested = find(&below).iter().any(|found| !found.path.is_empty());
        let item = if is_nested { merge(item, below) } else { layer(item, below) };
        let item = match outer.chart {
            Some(source) => {
                opened.add_settings(outer.name, source);
                source.with_settings(item)
            }
            None => item,
        };
        open_values(Outer { base_values, ..outer }, &item, opened);
    } else {
        open_values(outer, item, opened);
    }
}
