//! The `ConfigMap` with rules that values of Honeycomb's chart name.
//!
//! The chart mounts it, so its key must be there, whatever is in it.

use super::content::{Content, DataEntry};
use super::deployment_spec::FileRef;
use super::documents::documents;
use super::kubernetes::missing_key::missing_key;
use super::kubernetes::objects::Map;
use super::loader::Loader;
use super::named_map::{has_map_nearby, not_found, places_near};
use super::plain_lines::plain_lines;
use super::script::words::is_open;
use super::{EmbeddedFile, Opened, Outer, read_item};
use crate::schema::Kind;
use crate::sniff::recognise::recognise;
use crate::span::{FileId, Span};
use crate::syntax::{DataFormat, Item, Value};
use crate::vfs::input_error::InputError;

/// The key whose value the chart mounts.
const KEY: &str = "rules.yaml";

/// Opens the rules in a map that values in the file `from` name. Rules that are recognised are checked in
/// any case.
///
/// # Errors
/// A file with the map cannot be read.
pub fn open_rules_map(
    (name, place): (&str, Option<Span>),
    from: &str,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    if !has_map_nearby((name, None), from, loader) && is_created_nearby(name, from, loader) {
        return Ok(());
    }
    if !has_map_nearby((name, None), from, loader) {
        opened
            .unchecked
            .push(not_found(&format!("ConfigMap `{name}`, which has the rules,"), place));
        return Ok(());
    }
    let Some((file, map)) = find_map(name, from, loader)? else { return Ok(()) };
    if let Some(entry) = map.get(KEY) {
        opened.parts.extend(unrecognised(entry, file));
    } else {
        let key = Item::new(Value::Text(KEY.to_owned()), place);
        opened.unchecked.push(missing_key(&key, "ConfigMap", name, &map.data));
    }
    Ok(())
}

/// Whether a command near a file creates a map of this name, or of an unknown one.
fn is_created_nearby(name: &str, from: &str, loader: &Loader<'_>) -> bool {
    let near = loader.loaded.near.near(loader.store, from);
    near.iter().any(|file| {
        plain_lines(&file.name, &file.text, "create").iter().any(|words| {
            let mut rest = words.iter().skip_while(|word| *word != "create").skip(1);
            let is_map = rest.next().is_some_and(|kind| ["configmap", "cm"].contains(&&**kind));
            is_map && rest.any(|word| word == name || is_open(word) && !word.starts_with('-'))
        })
    })
}

/// A written map near a file; `None` if it is generated, or a template.
fn find_map(
    name: &str,
    from: &str,
    loader: &mut Loader<'_>,
) -> Result<Option<(FileId, Map)>, InputError> {
    for path in places_near((name, None), from, loader) {
        let Some((file, text)) = loader.text(&path)? else { continue };
        let outer = Outer::of(&path, file, &text);
        for range in documents(&text) {
            let document = text.get(range.clone()).unwrap_or_default();
            let Ok(item) = read_item(file, document) else { continue };
            let outer = Outer { start: range.start, ..outer };
            let map = Map::of(outer, &item.moved(range.start));
            let is_named = |map: &Map| map.identity.is("ConfigMap", name);
            if let Some(map) = map.filter(is_named) {
                return Ok(Some((file, map)));
            }
        }
    }
    Ok(None)
}

/// The entry as a rules file; `None` if it is recognised as one, and so checked anyway.
fn unrecognised(entry: &DataEntry, file: FileId) -> Option<EmbeddedFile> {
    let Content::Within { name, text, pieces, .. } = &entry.content else { return None };
    let format = Some(DataFormat::Yaml);
    let is_known = recognise(format, text).is_some_and(|what| what.kind == Kind::Rules);
    let (name, text, pieces) = (name.clone(), text.clone(), pieces.clone());
    match FileRef::within(Kind::Rules, format, name, text, pieces, file) {
        FileRef::Embedded(part) if !is_known => Some(*part),
        _ => None,
    }
}
