//! Places inside container files, as the names of embedded files state them.

use super::documents::documents;
use super::gitops::names_other_chart;
use super::kubernetes::nested;
use super::kubernetes::objects::Objects;
use super::{Outer, at, read_item};
use crate::deploy::content::Content;
use crate::source_name::SourceName;
use crate::span::{FileId, Span};
use crate::syntax::{DataFormat, Dialect, Item, parse, read_document_as};
use crate::vfs::path::format_of;
use std::ops::Range;

/// The span of the value at the place of a source, if a YAML, JSON or TOML file with this text has
/// that place.
pub fn find_place(source: &SourceName, file: FileId, text: &str) -> Option<Span> {
    let outer = Outer::of(source.file(), file, text);
    if format_of(outer.name) == Some(DataFormat::Toml) {
        let tree = parse(file, DataFormat::Toml, text).tree?;
        return find_value(&read_document_as(Dialect::Engine, &tree).0, source.place());
    }
    documents(text).into_iter().find_map(|range| {
        let item = read_item(file, text.get(range.clone())?).ok()?.moved(range.start);
        let outer = Outer { start: range.start, ..outer };
        find_entry(outer, &item, source).or_else(|| find_value(&item, source.place()))
    })
}

/// What is left of a source in its file: an entry with the same key in another map, an object of
/// the same name, or a value under the same last key.
pub fn find_similar_place(source: &SourceName, file: FileId, text: &str) -> Option<Span> {
    let read = |range: Range<usize>| {
        Some(read_item(file, text.get(range.clone())?).ok()?.moved(range.start))
    };
    let mut all = documents(text).into_iter().filter_map(read);
    all.find_map(|item| match source.place().split_once(':') {
        Some((object, key)) => find_object(&item, object).or_else(|| {
            let sealed = || at(&item, &["spec", "encryptedData"]);
            let is_map = item.get("data").or(item.get("stringData")).or_else(sealed);
            is_map.and_then(|data| data.entry(key)).and_then(|entry| entry.key_span)
        }),
        None => find_key(&item, source.place().rsplit(['.', ']']).next()?, 0),
    })
}

/// The key of a source in an encrypted object of the same name.
pub fn find_sealed(source: &SourceName, file: FileId, text: &str) -> Option<Span> {
    let (name, key) = source.place().split_once(':')?;
    documents(text).into_iter().find_map(|range| {
        let item = read_item(file, text.get(range.clone())?).ok()?.moved(range.start);
        find_object(&item, name)?;
        at(&item, &["spec", "encryptedData"])?.entry(key)?.key_span
    })
}

/// An object of this name that has, makes or stands for a map.
fn find_object(item: &Item, name: &str) -> Option<Span> {
    let is_it = at(item, &["metadata", "name"]).and_then(Item::text) == Some(name);
    let kind = item.get("kind").and_then(Item::text).unwrap_or_default();
    let is_map = ["ConfigMap", "Secret"].iter().any(|word| kind.contains(word));
    if is_it && is_map { item.beginning() } else { None }
}

fn find_key(item: &Item, key: &str, depth: usize) -> Option<Span> {
    const DEEPEST: usize = 4;
    if let Some(entry) = item.entry(key) {
        return entry.key_span;
    }
    let mut below = item.entries().iter().map(|entry| &entry.item);
    if depth < DEEPEST { below.find_map(|inner| find_key(inner, key, depth + 1)) } else { None }
}

/// Whether the place of a source is among the values of another chart in this text.
pub fn is_of_other_chart(source: &SourceName, file: FileId, text: &str) -> bool {
    let read = |range: Range<usize>| read_item(file, text.get(range)?).ok();
    documents(text).into_iter().filter_map(read).any(|item| {
        let keys = source.place().split(['.', '[']).filter(|key| !key.is_empty());
        let mut around = Some(&item);
        keys.into_iter().any(|key| {
            let Some(item) = around else { return false };
            let index = key.strip_suffix(']').and_then(|index| index.parse::<usize>().ok());
            let is_other = names_other_chart(item);
            around = match index {
                Some(index) => item.list().and_then(|items| items.get(index)),
                None => item.get(key),
            };
            is_other
        })
    })
}

/// The entry of a map with this name.
fn find_entry(outer: Outer<'_>, document: &Item, source: &SourceName) -> Option<Span> {
    let mut objects = Objects::default();
    for object in nested::objects(document) {
        objects.add(outer, object);
    }
    let mut entries = objects.maps.iter().flat_map(|map| &map.data);
    let entry = entries.find(|entry| entry.has_name(source.as_str()))?;
    match &entry.content {
        Content::Within { pieces, .. } => pieces.first().map(|piece| piece.outer),
        Content::Refused { span, .. } => *span,
        Content::File { named, .. } => Some(*named),
        Content::Unevaluated { .. } => None,
    }
}

/// The value that a path such as `a.b[0].c` leads to. Keys may contain dots.
fn find_value(item: &Item, path: &str) -> Option<Span> {
    let path = path.strip_prefix('.').unwrap_or(path);
    if path.is_empty() {
        return item.span.or_else(|| item.beginning());
    }
    if let Some((index, rest)) = path.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return find_value(item.list()?.get(index.parse::<usize>().ok()?)?, rest);
    }
    item.entries().iter().find_map(|entry| {
        let rest = path.strip_prefix(entry.key.as_str())?;
        let is_whole = rest.is_empty() || rest.starts_with(['.', '[']);
        let found = is_whole.then(|| find_value(&entry.item, rest))?;
        found.or_else(|| entry.key_span.filter(|_| rest.is_empty()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_left_of_a_source() {
        let map = "kind: ConfigMap\nmetadata: {name: m}\ndata: {a.yaml: here}\n";
        for (place, text, expected) in [
            ("m:b.yaml", map, Some("kind")),
            ("n:a.yaml", map, Some("a.yaml")),
            ("n:b.yaml", map, None),
            ("m:b.yaml", "kind: SealedSecret\nmetadata: {name: m}\n", Some("kind")),
            ("x.config", "y: {z: {config: 1}}\n", Some("config")),
            ("x.config", "y: {z: 1}\n", None),
        ] {
            let source = SourceName::within("x.yaml", place);
            let span = find_similar_place(&source, FileId(0), text);
            assert_eq!(span.and_then(|span| text.get(span.range())), expected, "{place} {text}");
        }
    }

    #[test]
    fn finds_values_and_entries() {
        let map = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: m}\ndata: {a.yaml: here}\n";
        for (place, text, expected) in [
            ("a.b", "a: {b: here}", Some("here")),
            ("a.b[1].c", "a: {b: [{}, {c: here}]}", Some("here")),
            ("[0].a", "- a: here\n", Some("here")),
            ("a.b.c", "a.b: {c: here}", Some("here")),
            ("a.b", "x: 1\n---\na: {b: here}\n", Some("here")),
            ("m:a.yaml", map, Some("here")),
            ("m:b.yaml", map, None),
            ("n:b.yaml", map, None),
            ("a.b", "a: {c: 1}", None),
            ("a[2]", "a: [1]", None),
        ] {
            let source = SourceName::within("x.yaml", place);
            let span = find_place(&source, FileId(0), text);
            assert_eq!(span.and_then(|span| text.get(span.range())), expected, "{place} {text}");
        }
    }
}
