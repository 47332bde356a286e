//! Refinery's files in strings of any document, in places for which no format is known.
//!
//! Files of one mapping belong together, as the entries of a `ConfigMap` do.

use super::content::{Content, expression_of};
use super::deployment_spec::FileRef;
use super::launch::LaunchSpec;
use super::{EmbeddedFile, Opened, Outer, block};
use crate::sniff::file_name::{kind_of_name, theme};
use crate::sniff::recognise::{Generation, Recognised, recognise};
use crate::source_name::SourceName;
use crate::span::{Piece, Span};
use crate::syntax::{DataFormat, Dialect, Entry, Item, Value, parse, read_document_as};
use crate::vfs::path::format_of;

/// The maximum nesting depth of strings.
const DEEPEST: usize = 32;

/// Finds strings that certainly are files of Refinery's.
pub fn find(outer: Outer<'_>, document: &Item) -> Vec<EmbeddedFile> {
    let mut found = Vec::new();
    search(outer, document, "", 0, &mut found);
    found
}

fn search(outer: Outer<'_>, item: &Item, path: &str, depth: usize, found: &mut Vec<EmbeddedFile>) {
    if depth >= DEEPEST {
        return;
    }
    let own = item.entries().iter().filter_map(|entry| {
        Some((entry.key.as_str(), file(outer, &entry.item, path, &entry.key)?))
    });
    let own: Vec<(&str, EmbeddedFile)> = own.collect();
    let others = item.entries().iter().filter_map(|entry| other_half(outer, entry, path, &own));
    let others: Vec<EmbeddedFile> = others.collect();
    found.extend(own.into_iter().map(|(_, file)| file).chain(others));
    for entry in item.entries() {
        search(outer, &entry.item, &format!("{path}{}.", entry.key), depth + 1, found);
    }
    for (index, element) in item.list().unwrap_or_default().iter().enumerate() {
        let place = format!("{}[{index}]", path.trim_end_matches('.'));
        found.extend(file(outer, element, &place, ""));
        search(outer, element, &format!("{place}."), depth + 1, found);
    }
}

/// The file that a string is.
fn file(outer: Outer<'_>, item: &Item, path: &str, key: &str) -> Option<EmbeddedFile> {
    let text = item.text().filter(|text| starts_with_key(text))?;
    let recognised = recognise(Some(format_of(key).unwrap_or(DataFormat::Yaml)), text)?;
    (recognised.generation == Generation::Second).then_some(())?;
    Some(embedded(outer, (path, key), recognised, text, item.span?))
}

/// The other half of the only file of a mapping, by its name, whatever its content is.
fn other_half(
    outer: Outer<'_>,
    entry: &Entry,
    path: &str,
    own: &[(&str, EmbeddedFile)],
) -> Option<EmbeddedFile> {
    let [(known_key, known)] = own else { return None };
    let kind = kind_of_name(&entry.key).filter(|&kind| kind != known.recognised.kind)?;
    let text = match &entry.item.value {
        Value::Text(text) => text,
        Value::Null if expression_of(outer, entry).is_none() => "",
        _ => return None,
    };
    // Without an extension it may be another setting, such as the path of a file.
    let is_file = || text.is_empty() || text.contains('\n');
    let is_alike = || theme(known_key) == theme(&entry.key) && is_file();
    if format_of(&entry.key).is_none() && !is_alike() {
        return None;
    }
    let recognised = Recognised { kind, generation: Generation::Second };
    let span = entry.item.span.or(entry.key_span)?;
    Some(embedded(outer, (path, &entry.key), recognised, text, span))
}

fn embedded(
    outer: Outer<'_>,
    (path, key): (&str, &str),
    recognised: Recognised,
    text: &str,
    span: Span,
) -> EmbeddedFile {
    EmbeddedFile {
        name: SourceName::within(outer.name, format!("{path}{key}")),
        recognised,
        format: Some(format_of(key).unwrap_or(DataFormat::Yaml)),
        text: text.to_owned(),
        pieces: block::pieces(outer, span, text),
        bond: format!("{}#{}#{path}", outer.name, outer.start),
        launch: LaunchSpec::default(),
        file: outer.file,
        fault: None,
    }
}

/// Whether the first line is a key, as in a file, and not a command or a sentence that contains one.
fn starts_with_key(text: &str) -> bool {
    let is_content = |line: &&str| !matches!(line.trim(), "" | "---") && !line.starts_with('#');
    let first = text.lines().find(is_content).unwrap_or_default();
    let key = first.split(':').next().unwrap_or_default();
    let is_word = !key.contains(char::is_whitespace);
    first.len() > key.len()
        && is_word
        && key.starts_with(|c: char| c.is_uppercase() || "\"'{".contains(c))
}

/// The strings of a TOML file that are files of Refinery's. With a syntax error the file is checked
/// as it is, which reports the error.
pub fn open_toml(outer: Outer<'_>) -> Vec<EmbeddedFile> {
    if let Some(tree) = parse(outer.file, DataFormat::Toml, outer.text).tree {
        return find(outer, &read_document_as(Dialect::Engine, &tree).0);
    }
    let bytes = 0..outer.text.len();
    let pieces = vec![Piece::written(bytes.clone(), Span::new(outer.file, 0, bytes.end))];
    let file = EmbeddedFile::unreadable(outer, outer.text, pieces);
    vec![EmbeddedFile { format: Some(DataFormat::Toml), ..file }]
}

/// Adds the strings that nothing else has read.
pub fn add_unread(strings: Vec<EmbeddedFile>, opened: &mut Opened) {
    if strings.is_empty() {
        return;
    }
    let spans = |pieces: &[Piece]| pieces.iter().map(|piece| piece.outer).collect::<Vec<_>>();
    let entries = opened.objects.maps.iter().flat_map(|map| &map.data);
    let entries = entries.filter_map(|entry| match &entry.content {
        Content::Within { pieces, .. } => Some(spans(pieces)),
        _ => None,
    });
    let described =
        opened.described.iter().flat_map(|spec| spec.config.iter().chain(&spec.rules)).filter_map(
            |file| match file {
                FileRef::Embedded(file) => Some(spans(&file.pieces)),
                FileRef::OnDisk(_) => None,
            },
        );
    let parts = opened.parts.iter().map(|part| spans(&part.pieces));
    let read: Vec<Span> = entries.chain(described).chain(parts).flatten().collect();
    let overlaps = |one: Span, other: &Span| {
        one.file == other.file && one.start < other.end && other.start < one.end
    };
    let is_read = |piece: &Piece| read.iter().any(|span| overlaps(piece.outer, span));
    opened.parts.extend(strings.into_iter().filter(|file| !file.pieces.iter().any(is_read)));
}
