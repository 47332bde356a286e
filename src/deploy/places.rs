//! Places inside container files, as the names of embedded files state them.

use super::documents::documents;
use super::kubernetes::nested;
use super::kubernetes::objects::{Map, Objects};
use super::{Outer, read_item};
use crate::deploy::content::Content;
use crate::source_name::SourceName;
use crate::span::{FileId, Span};
use crate::syntax::{DataFormat, Dialect, Item, parse, read_document_as};
use crate::vfs::path::format_of;

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

/// The entry of a map with this name or, without it, the map.
fn find_entry(outer: Outer<'_>, document: &Item, source: &SourceName) -> Option<Span> {
    let mut objects = Objects::default();
    for object in nested::objects(document) {
        objects.add(outer, object);
    }
    let mut entries = objects.maps.iter().flat_map(|map| &map.data);
    let Some(entry) = entries.find(|entry| entry.has_name(source.as_str())) else {
        let (name, _) = source.place().split_once(':')?;
        let is_here = |map: &Map| map.identity.name() == name;
        return objects.maps.iter().any(is_here).then(|| document.beginning())?;
    };
    match &entry.content {
        Content::Within { pieces, .. } => pieces.first().map(|piece| piece.outer),
        Content::Refused { span, .. } => *span,
        Content::File { named, .. } => Some(*named),
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
    fn finds_values_and_entries() {
        let map = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: m}\ndata: {a.yaml: here}\n";
        for (place, text, expected) in [
            ("a.b", "a: {b: here}", Some("here")),
            ("a.b[1].c", "a: {b: [{}, {c: here}]}", Some("here")),
            ("[0].a", "- a: here\n", Some("here")),
            ("a.b.c", "a.b: {c: here}", Some("here")),
            ("a.b", "x: 1\n---\na: {b: here}\n", Some("here")),
            ("m:a.yaml", map, Some("here")),
            ("m:b.yaml", map, Some("kind")),
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
