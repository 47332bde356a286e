//! States of Salt, manifests of Puppet and recipes of Chef: the files that they put on a machine.
//!
//! Each becomes a mapping with a path and a source or content, which is opened like tasks of Ansible.
//! Must not decide which paths are Refinery's (`copied` and `placed` do).

mod code;
mod salt;

use super::ansible::Variable;
use super::chart::items::map;
use super::copied::{is_target_file, open_copied};
use super::loader::Loader;
use super::resolve::UNKNOWN_FILE;
use super::templates::find_template;
use super::{Opened, Outer, placed, read_item, strings};
use crate::diagnostic::Finding;
use crate::sniff::file_name::{is_of_salt, kind_of_name};
use crate::span::{Piece, Span};
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split, with_parents};

/// The maximum number of files of data that are read, and the maximum depth of their folders.
const MOST_FILES: usize = 200;
const DEEPEST: usize = 3;

/// Folders with data: pillars of Salt, and data of Hiera.
pub const FOLDERS: [&str; 5] = ["pillar", "pillars", "data", "hieradata", "hiera"];

/// A file on a machine.
struct Managed {
    path: String,
    what: What,
    span: Span,
}

/// Where its content comes from.
enum What {
    /// A file of the repository.
    Source(String),
    /// The value at these keys, in files of data.
    Data(Vec<String>),
    Text(Item),
    /// An expression that is not evaluated.
    Unknown,
}

/// Opens a file.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_managed(
    outer: Outer<'_>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let mut all = Vec::new();
    let mut found = Vec::new();
    if is_of_salt(outer.name) {
        let plain = salt::without_statements(outer.text);
        match salt::read(outer, &plain) {
            Some(document) => {
                all = salt::states(&document);
                found = strings::find(outer, &document);
            }
            // Only the program itself can read it.
            None if outer.text.lines().any(names_target) => {
                let pieces = [Piece::written(0..outer.text.len(), whole(outer))];
                opened.unchecked.extend(find_template(outer.name, outer.text, &pieces, loader));
            }
            None => {}
        }
    } else {
        all = code::files(outer, loader);
    }
    let mut items = Vec::new();
    for Managed { path, what, span } in all {
        let text = |text: &str| Item::new(Value::Text(text.to_owned()), Some(span));
        let content = match what {
            What::Source(source) => ("source", text(&source)),
            What::Text(item) => ("content", item),
            What::Data(keys) => {
                open_data((outer, span), &path, &keys, loader, opened);
                continue;
            }
            What::Unknown => {
                let is_ours = is_target_file(&path);
                opened.unchecked.extend(is_ours.then(|| not_evaluated(&path, span)));
                continue;
            }
        };
        let entry = |key: &str, item| Entry { key: key.to_owned(), key_span: Some(span), item };
        items.push(map(vec![entry("path", text(&path)), entry(content.0, content.1)]));
    }
    let document = Item::new(Value::List(items), None);
    open_copied(outer, &document, loader, opened)?;
    let placed = placed::find(outer, &document, &[]);
    opened.parts.extend(placed);
    strings::add_unread(found, opened);
    Ok(())
}

fn whole(outer: Outer<'_>) -> Span {
    Span::new(outer.file, 0, outer.text.len())
}

/// Whether a line has the path of a file of Refinery's.
fn names_target(line: &str) -> bool {
    line.split(|c: char| c.is_whitespace() || "'\"".contains(c))
        .any(|word| is_target_file(word.trim_end_matches(':')))
}

/// Opens the values at some keys in files of data, each as a file of its own.
fn open_data(
    (outer, span): (Outer<'_>, Span),
    path: &str,
    keys: &[String],
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) {
    let Some(kind) = kind_of_name(path).filter(|_| is_target_file(path)) else { return };
    let known = opened.parts.len();
    for name in data_files(outer.name, loader) {
        let Ok(Some((file, text))) = loader.text_in_sight(&name) else { continue };
        let Ok(document) = read_item(file, &salt::without_statements(&text)) else { continue };
        let value = keys.iter().try_fold(&document, |item, key| item.get(key));
        let Some(value) = value.filter(|value| value.span.is_some()) else { continue };
        let variable = Variable { name: keys.join("."), item: value.clone(), file: name.clone() };
        let bond = format!("{}#{}#{name}", outer.name, split(path).0);
        let file = variable.file(path, kind, "", loader);
        opened.parts.extend(file.map(|file| super::EmbeddedFile { bond, ..file }));
    }
    if opened.parts.len() == known {
        opened.unchecked.push(not_evaluated(path, span));
    }
}

fn not_evaluated(path: &str, span: Span) -> Finding {
    let message = format!("the content of `{path}` is not in this repository");
    Finding::new(&UNKNOWN_FILE, message)
        .at(span, "not checked")
        .help("exclude this file: `[[exclude]]` in the settings, with a `reason`")
}

/// The files of data near a file.
fn data_files(name: &str, loader: &Loader<'_>) -> Vec<String> {
    let above = with_parents(split(name).0);
    let mut files = Vec::new();
    for folder in above.flat_map(|above| FOLDERS.map(|inner| join(above, inner))) {
        add_files(&folder, 0, loader, &mut files);
    }
    files.truncate(MOST_FILES);
    files
}

fn add_files(folder: &str, depth: usize, loader: &Loader<'_>, files: &mut Vec<String>) {
    for path in loader.names(folder).iter().map(|name| join(folder, name)) {
        if loader.is_folder(&path) {
            if depth < DEEPEST {
                add_files(&path, depth + 1, loader, files);
            }
        } else if format_of(&path).is_some() || is_of_salt(&path) {
            files.push(path);
        }
    }
}
