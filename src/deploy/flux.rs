//! Variables that Flux replaces in the manifests of a folder: `postBuild` of its Kustomizations.
//!
//! A variable without a value becomes its default, or empty. Values from maps that are not found in the
//! repository are unknown.

use super::content::{Content, DataEntry};
use super::documents::documents;
use super::kubernetes::objects::Objects;
use super::loader::Loader;
use super::near::resolve_folder;
use super::{Outer, at, list, read_item, word};
use crate::notice::Notice;
use crate::source_name::SourceName;
use crate::span::{FileId, Piece, Span};
use crate::syntax::{Item, Value};
use crate::value::replaced::of_flux;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{below, join, split};
use std::collections::BTreeMap;

/// The kind of objects whose values are scalars of their own. Maps have texts instead.
const RELEASE: &str = "HelmRelease";

/// A mark of objects in which nothing is replaced.
const DISABLED: &str = "kustomize.toolkit.fluxcd.io/substitute: disabled";

/// The variables of a Kustomization.
struct Variables {
    known: BTreeMap<String, String>,
    /// Whether others may be set.
    is_open: bool,
}

/// Replaces variables in the maps of a folder. Of several Kustomizations that apply it the first
/// counts.
///
/// # Errors
/// A file cannot be read.
pub fn substitute(
    objects: &mut Objects,
    folder: &str,
    loader: &mut Loader<'_>,
) -> Result<Option<Notice>, InputError> {
    let found = if has_references(objects, loader) { find(folder, loader) } else { None };
    let Some((variables, notice)) = found else { return Ok(None) };
    for map in &mut objects.maps {
        if is_disabled(&map.identity.file, loader) {
            continue;
        }
        for entry in &mut map.data {
            if !refers(entry, loader) {
                continue;
            }
            if let Content::File { name, .. } = &entry.content
                && let Some((file, text)) = loader.text(name)?
            {
                let (name, fault) = (SourceName::of_file(name), None);
                let pieces = lines_of(file, &text);
                entry.content = Content::Within { name, text, pieces, fault };
            }
            if let Content::Within { text, pieces, .. } = &mut entry.content {
                (*text, *pieces) = variables.fill_pieces(text, std::mem::take(pieces));
            }
        }
    }
    Ok(notice)
}

/// Whether some map refers to variables.
pub fn has_references(objects: &Objects, loader: &Loader<'_>) -> bool {
    objects.maps.iter().flat_map(|map| &map.data).any(|entry| refers(entry, loader))
}

fn refers(entry: &DataEntry, loader: &Loader<'_>) -> bool {
    match &entry.content {
        Content::Within { text, .. } => text.contains("${"),
        Content::File { name, .. } => {
            loader.peek(name).ok().flatten().is_some_and(|text| text.contains("${"))
        }
        Content::Refused { .. } => false,
    }
}

/// The lines of a file as they are.
fn lines_of(file: FileId, text: &str) -> Vec<Piece> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let range = start..start + line.len();
        start = range.end;
        Piece::written(range.clone(), Span::new(file, range.start, range.end))
    });
    lines.collect()
}

/// The same in the values of a release.
pub fn substituted(outer: Outer<'_>, mut item: Item, loader: &Loader<'_>) -> Item {
    let is_release = item.get("kind").and_then(Item::text) == Some(RELEASE);
    if is_release
        && outer.text.contains("${")
        && !outer.text.contains(DISABLED)
        && let Some((variables, _)) = find(split(outer.name).0, loader)
    {
        variables.fill_item(&mut item);
    }
    item
}

fn is_disabled(file: &str, loader: &Loader<'_>) -> bool {
    loader.peek(file).ok().flatten().is_some_and(|text| text.contains(DISABLED))
}

/// The variables that the nearest Kustomization sets for a folder.
fn find(folder: &str, loader: &Loader<'_>) -> Option<(Variables, Option<Notice>)> {
    let mut found: Vec<(String, Variables)> = Vec::new();
    for file in loader.loaded.near.post_builds(loader.store, folder).iter() {
        let read = |text: &str| {
            let ranges = documents(text).into_iter();
            ranges.filter_map(|range| read_item(FileId(0), text.get(range)?).ok()).collect()
        };
        for object in file.items(read) {
            let path = at(object, &["spec", "path"]).and_then(Item::text).unwrap_or(".");
            let build = at(object, &["spec", "postBuild"]);
            let Some(build) = build.filter(|_| applies(&file.name, path, folder, loader)) else {
                continue;
            };
            found.push((file.name.clone(), Variables::of(build, &file.name, loader)));
        }
    }
    let has_others = found.len() > 1;
    let (name, variables) = found.into_iter().next()?;
    let what = "another Kustomization of Flux applies these files; its variables were not checked";
    Some((variables, has_others.then(|| Notice::on(name, what))))
}

/// Whether a path in a file, from the root of the repository, is a folder or around it.
fn applies(file: &str, path: &str, folder: &str, loader: &Loader<'_>) -> bool {
    let path = path.trim_start_matches("./").trim_matches('/');
    if matches!(path, "" | ".") {
        return true;
    }
    let applied = resolve_folder(split(file).0, path, loader.store);
    applied.is_some_and(|applied| below(folder, &applied).is_some())
}

impl Variables {
    fn of(build: &Item, file: &str, loader: &Loader<'_>) -> Self {
        let mut variables = Self { known: BTreeMap::new(), is_open: false };
        for source in list(build, "substituteFrom") {
            match map_named(source, file, loader) {
                Some(values) => variables.known.extend(values),
                None => variables.is_open = true,
            }
        }
        let own = build.get("substitute").map(Item::entries).unwrap_or_default().iter();
        variables
            .known
            .extend(own.filter_map(|entry| Some((entry.key.clone(), word(&entry.item)?))));
        variables
    }

    /// A text with its variables replaced. `$${NAME}` stands for `${NAME}`.
    fn fill(&self, text: &str) -> String {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some(at) = rest.find("${") {
            let Some(end) = rest[at..].find('}').map(|end| at + end) else { break };
            let is_escaped = rest[..at].ends_with('$');
            filled.push_str(&rest[..at - usize::from(is_escaped)]);
            if is_escaped {
                filled.push_str(&rest[at..=end]);
            } else {
                filled.push_str(&self.value(&rest[at + 2..end]));
            }
            rest = &rest[end + 1..];
        }
        filled + rest
    }

    /// The value of a reference: a name and perhaps a default.
    fn value(&self, reference: &str) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = reference.find(|c| !is_part(c)).unwrap_or(reference.len());
        let (name, rest) = reference.split_at(length);
        let default = [":=", ":-", "=", "-"].iter().find_map(|sign| rest.strip_prefix(sign));
        let known =
            self.known.get(name).filter(|value| !(rest.starts_with(':') && value.is_empty()));
        match (known, default) {
            (Some(value), _) if rest.is_empty() || default.is_some() => value.clone(),
            (None, _) if self.is_open => of_flux(name),
            (None, Some(default)) => default.to_owned(),
            (None, None) if rest.is_empty() => String::new(),
            // Other functions of the shell.
            _ => of_flux(name),
        }
    }

    fn fill_pieces(&self, text: &str, pieces: Vec<Piece>) -> (String, Vec<Piece>) {
        let (mut filled, mut places) = (String::new(), Vec::new());
        for Piece { inner, outer, is_added } in pieces {
            let line = text.get(inner).unwrap_or_default();
            let is_verbatim = !is_added && outer.range().len() == line.len();
            let kept = line.find('$').unwrap_or(line.len());
            let (before, rest) = line.split_at(if is_verbatim { kept } else { 0 });
            let middle = outer.range().start + before.len();
            for (part, place) in [
                (before.to_owned(), Span::new(outer.file, outer.range().start, middle)),
                (self.fill(rest), Span::new(outer.file, middle, outer.range().end)),
            ] {
                let start = filled.len();
                filled.push_str(&part);
                let piece = Piece::written(start..filled.len(), place);
                places.extend((start < filled.len()).then_some(piece));
            }
        }
        (filled, places)
    }

    /// Replaces in scalars, which become what YAML then reads.
    fn fill_item(&self, item: &mut Item) {
        match &mut item.value {
            Value::Text(text) if text.contains("${") && !text.contains('\n') => {
                let filled = self.fill(text);
                let entry = read_item(FileId(0), &format!("value: {filled}")).ok();
                let read = entry.and_then(|entry| entry.get("value").cloned()).map(|it| it.value);
                let is_scalar = |value: &Value| !matches!(value, Value::Map(_) | Value::List(_));
                item.value = read.filter(is_scalar).unwrap_or(Value::Text(filled));
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.fill_item(item)),
            Value::Map(entries) => {
                for entry in entries {
                    self.fill_item(&mut entry.item);
                }
            }
            _ => {}
        }
    }
}

/// The values of a `ConfigMap` next to a file. Secrets are usually encrypted, or made elsewhere.
fn map_named(source: &Item, file: &str, loader: &Loader<'_>) -> Option<Vec<(String, String)>> {
    let text = |key| source.get(key).and_then(Item::text);
    let name = text("name").filter(|_| text("kind") == Some("ConfigMap"))?;
    let folder = split(file).0;
    let folders = std::iter::once(folder.to_owned()).chain(loader.adjacent(folder));
    let mut files = folders.flat_map(|folder| {
        let names = loader.names(&folder).into_iter();
        names.map(|name| join(&folder, &name)).collect::<Vec<_>>()
    });
    files.find_map(|file| {
        let text = loader.peek(&file).ok().flatten().filter(|text| text.contains(name))?;
        let mut all = documents(&text).into_iter();
        all.find_map(|range| {
            let item = read_item(FileId(0), text.get(range)?).ok()?;
            let is_it = item.get("kind").and_then(Item::text) == Some("ConfigMap")
                && at(&item, &["metadata", "name"]).and_then(Item::text) == Some(name);
            let data = item.get("data").map(Item::entries).unwrap_or_default().iter();
            let values = data.filter_map(|entry| Some((entry.key.clone(), word(&entry.item)?)));
            is_it.then(|| values.collect())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_variables_like_flux() {
        let known =
            [("a", "1"), ("e", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let closed = Variables { known: known.clone().into(), is_open: false };
        let open = Variables { known: known.into(), is_open: true };
        for (text, expected, unknown) in [
            ("x ${a} $a", "x 1 $a", "x 1 $a"),
            ("${b}", "", "<flux:b>"),
            ("${b:=2}/${b-3}", "2/3", "<flux:b>/<flux:b>"),
            ("${e:=2}/${e=3}", "2/", "<flux:e>/"),
            ("$${a}", "${a}", "${a}"),
            ("${a", "${a", "${a"),
            ("${b^^}", "<flux:b>", "<flux:b>"),
        ] {
            assert_eq!(closed.fill(text), expected, "{text}");
            assert_eq!(open.fill(text), unknown, "{text}");
        }
    }

    #[test]
    fn keeps_places_up_to_a_variable() {
        let variables =
            Variables { known: [("a".to_owned(), "long".to_owned())].into(), is_open: false };
        let text = "k: ${a}\nl: 1\n";
        let place = |start, end| Span::new(FileId(0), start, end);
        let pieces =
            vec![Piece::written(0..8, place(10, 18)), Piece::written(8..13, place(20, 25))];
        let (filled, pieces) = variables.fill_pieces(text, pieces);
        assert_eq!(filled, "k: long\nl: 1\n");
        let places: Vec<_> = pieces.iter().map(|piece| piece.outer.range()).collect();
        assert_eq!(places, [10..13, 13..18, 20..25]);
    }
}
