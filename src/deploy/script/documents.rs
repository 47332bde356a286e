//! Here-documents of a script: Refinery's files, Kubernetes objects and values.

use super::line_at;
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
    let recognised = strings::find(outer, &by_path(outer, documents));
    let is_open = |name: &SourceName| {
        documents.iter().any(|one| one.is_open() && name_of(outer, one) == *name)
    };
    let named = documents.iter().filter_map(|document| named(outer, document));
    let named = named.filter(|file| recognised.iter().all(|known| known.name != file.name));
    let named: Vec<EmbeddedFile> = named.collect();
    for file in recognised.into_iter().chain(named) {
        let document = documents.iter().find(|document| name_of(outer, document) == file.name);
        let pieces = document.map(|document| document.pieces.clone()).filter(|it| !it.is_empty());
        let file = match pieces {
            Some(pieces) => EmbeddedFile { pieces, ..file },
            None => file,
        };
        if is_open(&file.name) {
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

/// The path that a document is written to, or its line.
fn key_of(outer: Outer<'_>, document: &HereDocument) -> String {
    target(&document.command).unwrap_or_else(|| format!("line {}", line_at(outer, document.place)))
}

fn name_of(outer: Outer<'_>, document: &HereDocument) -> SourceName {
    SourceName::within(outer.name, key_of(outer, document))
}

fn by_path(outer: Outer<'_>, documents: &[HereDocument]) -> Item {
    let entry = |document: &HereDocument| {
        let item = Item::new(Value::Text(document.text.clone()), Some(document.place));
        Entry { key: key_of(outer, document), key_span: item.span, item }
    };
    Item::new(Value::Map(documents.iter().map(entry).collect()), None)
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
