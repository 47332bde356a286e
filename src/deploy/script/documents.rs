//! Here-documents of a script: Refinery's files, Kubernetes objects and values.

use super::run::WrittenFile;
use super::words::{target, written};
use crate::deploy::content::{Content, DataEntry};
use crate::deploy::documents::documents;
use crate::deploy::here_document::HereDocument;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loader::Loader;
use crate::deploy::templates::find_template;
use crate::deploy::{EmbeddedFile, Opened, Outer, open_document, strings};
use crate::sniff::containers::may_contain;
use crate::sniff::file_name::{is_about_refinery, kind_of_name, theme};
use crate::sniff::recognise::{Generation, Recognised};
use crate::source_name::SourceName;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, split_extension};
use std::collections::{HashMap, HashSet};

/// Opens the here-documents of a script. Those that depend on variables are reported.
///
/// # Errors
/// A file that one of them names cannot be read.
pub fn open_documents(
    outer: Outer<'_>,
    documents: &[HereDocument],
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let keys = keys(outer, documents);
    let name = |key: &String| SourceName::within(outer.name, key);
    let mut by_name: HashMap<SourceName, &HereDocument> = HashMap::new();
    let mut open = HashSet::new();
    for (key, document) in keys.iter().zip(documents) {
        by_name.entry(name(key)).or_insert(document);
        open.extend(document.is_open().then(|| name(key)));
    }
    let recognised = strings::find(outer, &by_path(&keys, documents));
    let known: HashSet<SourceName> = recognised.iter().map(|file| file.name.clone()).collect();
    let named = documents.iter().filter_map(|document| named(outer, document));
    let named: Vec<EmbeddedFile> = named.filter(|file| !known.contains(&file.name)).collect();
    for file in recognised.into_iter().chain(named) {
        let document = by_name.get(&file.name);
        let pieces = document.map(|document| document.pieces.clone()).filter(|it| !it.is_empty());
        let file = match pieces {
            Some(pieces) => EmbeddedFile { pieces, ..file },
            None => file,
        };
        if open.contains(&file.name) {
            let EmbeddedFile { name, text, pieces, .. } = &file;
            opened.unchecked.extend(find_template(name.as_str(), text, pieces, loader));
        } else {
            opened.parts.push(file);
        }
    }
    for document in documents.iter().filter(|document| may_contain(&document.text)) {
        open_container(outer, document, loader, opened)?;
    }
    Ok(())
}

/// The files that the here-documents of a script write.
pub fn written_files(outer: Outer<'_>, documents: &[HereDocument]) -> Vec<WrittenFile> {
    let all = documents.iter().flat_map(written);
    let file = |(path, document): (String, HereDocument)| {
        let name = SourceName::within(outer.name, &path);
        let is_open = document.is_open();
        let HereDocument { text, pieces, .. } = document;
        let content = Content::Within { name, text, pieces, fault: None };
        let entry = DataEntry { key: path.clone(), content, is_binary: false };
        WrittenFile { path, content: (!is_open).then_some(entry) }
    };
    all.map(file).collect()
}

/// The path that each document is written to, or its line.
fn keys(outer: Outer<'_>, documents: &[HereDocument]) -> Vec<String> {
    let (mut line, mut at) = (1, 0);
    let key = |document: &HereDocument| {
        target(&document.command).unwrap_or_else(|| {
            let start = document.place.range().start;
            if start < at {
                (line, at) = (1, 0);
            }
            line += outer.text[at..start].matches('\n').count();
            at = start;
            format!("line {line}")
        })
    };
    documents.iter().map(key).collect()
}

fn by_path(keys: &[String], documents: &[HereDocument]) -> Item {
    let entry = |(key, document): (&String, &HereDocument)| {
        let item = Item::new(Value::Text(document.text.clone()), Some(document.place));
        Entry { key: key.clone(), key_span: item.span, item }
    };
    Item::new(Value::Map(keys.iter().zip(documents).map(entry).collect()), None)
}

/// A document that is written to a path about Refinery, with the name of a config or rules file.
fn named(outer: Outer<'_>, document: &HereDocument) -> Option<EmbeddedFile> {
    let path = target(&document.command)?;
    let kind = kind_of_name(&path).filter(|_| is_about_refinery(&path))?;
    let is_plain = theme(split_extension(&path).0).is_empty();
    let format = format_of(&path).filter(|_| is_plain)?;
    Some(EmbeddedFile {
        name: SourceName::within(outer.name, &path),
        recognised: Recognised { kind, generation: Generation::Second },
        format: Some(format),
        text: document.text.clone(),
        pieces: document.pieces.clone(),
        bond: format!("{}#{}#", outer.name, outer.start),
        launch: LaunchSpec::default(),
        file: outer.file,
        fault: None,
    })
}

/// Opens a document that is a container file, such as one for `kubectl apply -f -`.
fn open_container(
    outer: Outer<'_>,
    document: &HereDocument,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    // Its lines must be as they are in the script.
    let Some(start) = document.pieces.first().map(|piece| piece.outer.range().start) else {
        return Ok(());
    };
    let text = outer.text.get(start..start + document.text.len()).unwrap_or_default();
    if text != document.text {
        return Ok(());
    }
    let mut found = Opened::default();
    for range in documents(text) {
        let outer = Outer { start: start + range.start, ..outer };
        let strings = open_document(outer, &text[range], loader, &mut found)?;
        strings::add_unread(strings, &mut found);
    }
    if document.is_open() {
        for map in &mut found.objects.maps {
            map.data.retain(|entry| match &entry.content {
                Content::Within { name, text, pieces, .. } if text.contains(['$', '`']) => {
                    found.unchecked.extend(find_template(name.as_str(), text, pieces, loader));
                    false
                }
                _ => true,
            });
        }
    }
    opened.absorb(found);
    Ok(())
}
