//! Files that a document writes to a path, such as cloud-init's `write_files`, Ansible's `copy` or
//! Butane's `storage.files`.
//!
//! One of Refinery's paths, or a path next to a recognised file, makes a text Refinery's, whatever
//! it contains.

use super::encoded::{Encoding, decode_base64};
use super::launch::LaunchSpec;
use super::{EmbeddedFile, Outer, block};
use crate::schema::Kind;
use crate::sniff::file_name::{is_about_refinery, kind_of_name};
use crate::sniff::recognise::{Generation, Recognised};
use crate::source_name::SourceName;
use crate::span::Piece;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::decode::decode;
use crate::vfs::path::{format_of, split};
use std::collections::HashSet;

/// The maximum nesting depth at which files are found.
const DEEPEST: usize = 32;

/// Keys whose values are the path of a file, and keys of its content.
pub const PATH_KEYS: [&str; 11] = [
    "path",
    "dest",
    "destination",
    "dst",
    "remote",
    "target",
    "filename",
    "name",
    "key",
    "Name",
    "Key",
];
const CONTENTS: [&str; 6] = ["content", "contents", "inline", "data", "value", "Value"];

/// A text and the path that it is written to.
struct Placed<'i> {
    path: &'i str,
    kind: Kind,
    content: &'i Entry,
    encoding: Encoding,
    name: SourceName,
}

/// Finds files of Refinery's by the paths that they are written to. `known` are those that were
/// recognised by their content.
pub fn find(outer: Outer<'_>, document: &Item, known: &[EmbeddedFile]) -> Vec<EmbeddedFile> {
    let all: Vec<Placed<'_>> = texts(outer, document).into_iter().filter_map(placed).collect();
    let names: HashSet<&SourceName> = known.iter().map(|file| &file.name).collect();
    let (recognised, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|placed| names.contains(&placed.name));
    let folder = |placed: &Placed<'_>| split(placed.path).0.to_owned();
    let completes = |placed: &Placed<'_>| {
        let mut beside = recognised.iter().filter(|known| folder(known) == folder(placed));
        beside.clone().count() > 0 && beside.all(|known| known.kind != placed.kind)
    };
    let is_ours = |placed: &&Placed<'_>| is_about_refinery(placed.path) || completes(placed);
    others.iter().filter(is_ours).filter_map(|placed| embedded(outer, placed)).collect()
}

/// A text that is written to a path, which may be that of any file.
pub struct PlacedText<'i> {
    pub path: &'i str,
    /// The mapping around the content.
    around: &'i Item,
    pub content: &'i Entry,
    pub name: SourceName,
}

/// All texts that a document writes to paths.
pub fn texts<'i>(outer: Outer<'_>, document: &'i Item) -> Vec<PlacedText<'i>> {
    let mut found = Vec::new();
    search(outer, document, "", 0, &mut found);
    found
}

fn search<'i>(
    outer: Outer<'_>,
    item: &'i Item,
    place: &str,
    depth: usize,
    found: &mut Vec<PlacedText<'i>>,
) {
    if depth >= DEEPEST {
        return;
    }
    let text = |path: &'i str, around: &'i Item, place: &str| {
        let (content, key) = content_of(around)?;
        let name = SourceName::within(outer.name, format!("{place}{key}"));
        Some(PlacedText { path, around, content, name })
    };
    let written = PATH_KEYS.iter().find_map(|key| item.get(key)?.text());
    found.extend(written.and_then(|path| text(path, item, place)));
    for entry in item.entries() {
        let inner = format!("{place}{}.", entry.key);
        found.extend(text(&entry.key, &entry.item, &inner));
        search(outer, &entry.item, &inner, depth + 1, found);
    }
    for (index, element) in item.list().unwrap_or_default().iter().enumerate() {
        let inner = format!("{}[{index}].", place.trim_end_matches('.'));
        search(outer, element, &inner, depth + 1, found);
    }
}

/// The entry with the content of a file, and the path to it.
fn content_of(item: &Item) -> Option<(&Entry, String)> {
    let entry = CONTENTS.iter().find_map(|key| item.entry(key))?;
    match &entry.item.value {
        Value::Text(_) | Value::Null => Some((entry, entry.key.clone())),
        _ if joined(&entry.item).is_some() => Some((entry, entry.key.clone())),
        Value::Map(_) => {
            let (inner, key) = content_of(&entry.item)?;
            Some((inner, format!("{}.{key}", entry.key)))
        }
        _ => None,
    }
}

/// The text that a function such as `Fn::Join` makes.
pub fn joined(item: &Item) -> Option<String> {
    if let Some(inner) = item.get("Fn::Base64").or(item.get("Fn::Sub")) {
        return inner.text().map(str::to_owned).or_else(|| joined(inner));
    }
    let [separator, texts] = item.get("Fn::Join").unwrap_or(item).list()? else { return None };
    let texts: Vec<&str> = texts.list()?.iter().map(Item::text).collect::<Option<_>>()?;
    Some(texts.join(separator.text()?))
}

/// `None` if the path is not one of a config or rules file.
fn placed(text: PlacedText<'_>) -> Option<Placed<'_>> {
    let PlacedText { path, around, content, name } = text;
    let kind = kind_of_name(path).filter(|_| path.contains('/') && format_of(path).is_some())?;
    let encoding = around.get("encoding").and_then(Item::text).unwrap_or_default();
    let encoding = Encoding::of_name(encoding);
    Some(Placed { path, kind, content, encoding, name })
}

fn embedded(outer: Outer<'_>, placed: &Placed<'_>) -> Option<EmbeddedFile> {
    let Placed { path, kind, content, encoding, name } = placed;
    let mut fault = None;
    let (text, pieces) = if !encoding.is_plain()
        && let Some(bytes) = encoding.decode(&written(outer, content))
    {
        let place = content.item.span.or(content.key_span)?;
        let decoded = decode(bytes, format_of(path));
        fault = decoded.fault;
        let pieces = vec![Piece::written(0..decoded.text.len(), place)];
        (decoded.text, pieces)
    } else if let Some(text) = joined(&content.item) {
        let place = content.item.span.or(content.key_span)?;
        let pieces = vec![Piece::written(0..text.len(), place)];
        (text, pieces)
    } else {
        let text = content.item.text().unwrap_or_default();
        (text.to_owned(), block::pieces(outer, content.item.span.or(content.key_span)?, text))
    };
    Some(EmbeddedFile {
        name: name.clone(),
        recognised: Recognised { kind: *kind, generation: Generation::Second },
        format: format_of(path),
        text,
        pieces,
        bond: format!("{}#{}#{}", outer.name, outer.start, split(path).0),
        launch: LaunchSpec::default(),
        file: outer.file,
        fault,
    })
}

/// The bytes of a content. The reader replaces those of `!!binary` that are not UTF-8.
fn written(outer: Outer<'_>, content: &Entry) -> Vec<u8> {
    let source = content.item.span.and_then(|span| outer.text_of(span.file).get(span.range()));
    let binary = source.and_then(|source| source.strip_prefix("!!binary"));
    let binary = binary.map(|source| source.trim_start().trim_start_matches(['|', '-', '>']));
    let bytes =
        binary.and_then(|source| decode_base64(source.trim_matches(['"', '\'']).as_bytes()));
    bytes.unwrap_or_else(|| content.item.text().unwrap_or_default().as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::{read_item, strings};
    use crate::span::FileId;

    fn found(text: &str) -> String {
        let item = read_item(FileId(0), text).unwrap();
        let outer = Outer::of("x.yaml", FileId(0), text);
        let known = strings::find(outer, &item);
        let files = find(outer, &item, &known);
        let files =
            files.iter().map(|file| format!("{} = {}", file.name.place(), file.text.trim()));
        files.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn finds_files_by_the_paths_that_they_are_written_to() {
        for (text, expected) in [
            (
                "write_files: [{path: /etc/refinery/rules.yaml, content: a}]",
                "write_files[0].content = a",
            ),
            ("- copy: {dest: /etc/refinery/config.yaml, content: }", "[0].copy.content = "),
            (
                "storage: {files: [{path: /etc/refinery/refinery.yaml, contents: {inline: a}}]}",
                "storage.files[0].contents.inline = a",
            ),
            (
                "files: {/etc/refinery/rules.yaml: {content: a}}",
                "files./etc/refinery/rules.yaml.content = a",
            ),
            (
                "- {path: /etc/refinery/rules.yaml, encoding: b64, content: YTogMQ==}",
                "[0].content = a: 1",
            ),
            (
                "- {path: /opt/a/config.yaml, content: a}\n- path: /opt/a/rules.yaml\n  content: |\n    \
                 RulesVersion: 2\n    Samplers: {}\n",
                "[0].content = a",
            ),
            (
                "- {path: /opt/b/config.yaml, content: a}\n- path: /opt/a/rules.yaml\n  content: |\n    \
                 RulesVersion: 2\n    Samplers: {}\n",
                "",
            ),
            ("- {path: /etc/nginx/config.yaml, content: a}", ""),
            ("- {path: /etc/refinery/readme.txt, content: a}", ""),
            ("- {path: config.yaml, content: a}", ""),
            ("- {path: /etc/refinery/rules.yaml}", ""),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
