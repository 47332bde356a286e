//! Whether an object that another one names is in the repository, near the file that names it.

use super::loader::Loader;
use super::pins::has_object;
use super::resolve::UNKNOWN_FILE;
use crate::diagnostic::Finding;
use crate::span::Span;
use crate::syntax::DataFormat;
use crate::vfs::Skip;
use crate::vfs::path::{format_of, join, split};

/// Whether a `ConfigMap` or Secret of this name is written or generated in the folder of a file, in
/// one directly around it or inside of it, or in one next to it.
pub fn is_map_in_sight(name: &str, from: &str, loader: &Loader<'_>) -> bool {
    let folder = split(from).0;
    let mut folders = vec![folder.to_owned()];
    folders.extend(inner(folder, loader));
    if !folder.is_empty() {
        let around = split(folder).0;
        folders.push(around.to_owned());
        folders.extend(inner(around, loader));
    }
    folders.iter().any(|folder| has_map(folder, name, loader))
}

/// Reports something that is named and was not found.
pub fn unknown(what: &str, place: Option<Span>) -> Finding {
    Finding::new(&UNKNOWN_FILE, format!("{what} not found near this file"))
        .at_some(place, "not checked")
        .help(
            "check the name, or exclude this file: `[[exclude]]` in the settings, with a `reason`",
        )
}

fn inner(folder: &str, loader: &Loader<'_>) -> Vec<String> {
    let names = loader.names(folder).into_iter();
    let walked = names.filter(|name| Skip::of_name(name, true).is_none());
    walked.map(|name| join(folder, &name)).filter(|path| loader.is_folder(path)).collect()
}

fn has_map(folder: &str, name: &str, loader: &Loader<'_>) -> bool {
    let files = loader.names(folder).into_iter().map(|file| join(folder, &file));
    let mut files = files.filter(|file| format_of(file) == Some(DataFormat::Yaml));
    files.any(|file| {
        let text = loader.peek(&file).ok().flatten().unwrap_or_default();
        let is_generated = || text.contains("Generator:") && text.contains("name:");
        text.contains(name)
            && (is_generated() || has_object(&text, &["ConfigMap", "Secret"], &[name.to_owned()]))
    })
}
