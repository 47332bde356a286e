//! Maps that another object refers to: whether they are in the repository, near the file that
//! refers to them.

use super::loader::Loader;
use super::resolve::UNKNOWN_FILE;
use crate::diagnostic::Finding;
use crate::span::Span;
use crate::syntax::DataFormat;
use crate::vfs::path::{format_of, join, split};

/// Whether a `ConfigMap` or Secret of this name, with this key, is written or generated in the folder of a file or an
/// adjacent one.
pub fn has_map_nearby((name, key): (&str, Option<&str>), from: &str, loader: &Loader<'_>) -> bool {
    !places_near((name, key), from, loader).is_empty()
}

/// The files with such a map.
pub fn places_near(
    (name, key): (&str, Option<&str>),
    from: &str,
    loader: &Loader<'_>,
) -> Vec<String> {
    let folder = split(from).0;
    let folders = std::iter::once(folder.to_owned()).chain(loader.adjacent(folder));
    folders.flat_map(|folder| places(&folder, (name, key), loader)).collect()
}

/// Reports something that is named and was not found.
pub fn not_found(what: &str, place: Option<Span>) -> Finding {
    Finding::new(&UNKNOWN_FILE, format!("{what} not found near this file"))
        .at_some(place, "not checked")
        .help(
            "check the name, or exclude this file: `[[exclude]]` in the settings, with a `reason`",
        )
}

/// Whether there is such a map in a folder.
pub fn has_map(folder: &str, map: (&str, Option<&str>), loader: &Loader<'_>) -> bool {
    !places(folder, map, loader).is_empty()
}

fn places(folder: &str, (name, key): (&str, Option<&str>), loader: &Loader<'_>) -> Vec<String> {
    let files = loader.names(folder).into_iter().map(|file| join(folder, &file));
    let has_map = |file: &String| {
        let read = || loader.peek(file).ok().flatten().unwrap_or_default();
        format_of(file) == Some(DataFormat::Yaml)
            && loader.loaded.objects.get(file, read).has_map(name, key)
    };
    files.filter(has_map).collect()
}
