//! `kubectl create configmap` and `kubectl create secret generic` → maps of files.

use super::site::contexts;
use super::words::is_open;
use crate::deploy::content::DataEntry;
use crate::deploy::kubernetes::identity::Identity;
use crate::deploy::kubernetes::objects::Map;
use crate::deploy::loader::Loader;
use crate::deploy::path_pattern::{find_files, find_folders};
use crate::deploy::{Opened, Outer};
use crate::notice::Notice;
use crate::sniff::file_name::{is_about_refinery, kind_of_name};
use crate::source_name::SourceName;
use crate::span::{Piece, Span};
use crate::vfs::path::{format_of, join, split, split_extension};

/// The map that a command creates.
pub struct CreatedMap {
    name: String,
    /// The map, for each file that a path with variables may mean. Empty if an entry is unknown.
    maps: Vec<Map>,
    /// Files in the repository that do not exist, as written and as entries.
    missing: Vec<(String, DataEntry)>,
    /// Whether one of its files exists.
    pub has_file: bool,
    /// The first file that was not found, as it is written.
    unknown: Option<String>,
}

/// The map that a command creates; `None` for other commands.
pub fn create(
    outer: Outer<'_>,
    words: &[String],
    place: Span,
    folder: &str,
    loader: &Loader<'_>,
) -> Option<CreatedMap> {
    let program = words.iter().position(|word| {
        ["kubectl", "oc"].contains(&word.rsplit('/').next().unwrap_or_default())
    })?;
    let words = words.get(program + 1..)?;
    let at = words.iter().position(|word| word == "create")?;
    let (kind, skipped) = match words.get(at + 1)?.as_str() {
        "configmap" | "configmaps" | "cm" => ("ConfigMap", 2),
        "secret" if words.get(at + 2)? == "generic" => ("Secret", 3),
        _ => return None,
    };
    let (mut name, mut namespace) = (None, namespace_before(words.get(..at)?));
    let (mut files, mut literals) = (Vec::new(), Vec::new());
    let mut rest = words.get(at + skipped..)?.iter();
    while let Some(word) = rest.next() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let mut value = || value.clone().or_else(|| rest.next().cloned());
        match flag {
            "--from-file" => files.extend(value()),
            "--from-literal" => literals.extend(value()),
            "-n" | "--namespace" => namespace = value().unwrap_or_default(),
            "-o" | "--output" | "--from-env-file" | "--type" | "--context" => drop(value()),
            flag if flag.starts_with('-') => {}
            word if name.is_none() => name = Some(word.to_owned()),
            _ => {}
        }
    }
    let name = name?;
    let folders = contexts(outer.name, folder);
    let files = files.iter().map(|file| FromFile::read(file, place, (folder, &folders), loader));
    let files: Vec<FromFile> = files.collect();
    let literals = literals.iter().filter(|literal| !is_open(literal)).filter_map(|literal| {
        let (key, value) = literal.split_once('=')?;
        let named = SourceName::within(outer.name, format!("{name}:{key}"));
        let pieces = vec![Piece::written(0..value.len(), place)];
        Some(DataEntry::cut(named, key, value, 0, pieces))
    });
    let literals: Vec<DataEntry> = literals.collect();
    let identity = Identity {
        kind: kind.to_owned(),
        names: vec![name.clone()],
        namespace: Some(namespace).filter(|name| !is_open(name)).unwrap_or_default(),
        file: outer.name.to_owned(),
        ..Identity::default()
    };
    let variant = |at: usize| {
        let data: Option<Vec<_>> = files.iter().map(|file| file.variant(at)).collect();
        let data = data?.into_iter().flatten().cloned();
        Some(Map::new(identity.clone(), data.chain(literals.iter().cloned()).collect()))
    };
    let variants = files.iter().map(|file| file.variants.len()).max().unwrap_or(1);
    let maps = (0..variants).filter_map(variant).collect();
    let has_file = files.iter().any(|file| !file.variants.is_empty());
    let unknown = files.iter().find(|file| file.variants.is_empty());
    let unknown = unknown.map(|file| file.written.clone());
    let missing = files.into_iter().filter_map(|file| file.missing).collect();
    Some(CreatedMap { name, maps, missing, has_file, unknown })
}

/// The namespace given by flags before the subcommand.
fn namespace_before(words: &[String]) -> String {
    let mut found = String::new();
    for (at, word) in words.iter().enumerate() {
        let value = match word.split_once('=') {
            Some(("-n" | "--namespace", value)) => Some(value),
            _ if ["-n", "--namespace"].contains(&word.as_str()) => {
                words.get(at + 1).map(String::as_str)
            }
            _ => None,
        };
        found = value.map_or(found, str::to_owned);
    }
    found
}

impl CreatedMap {
    /// The files that do not exist, as written.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.missing.iter().map(|(written, _)| written.as_str())
    }

    /// Adds the map. A file that is missing blocks if the map is Refinery's and nothing may make the file
    /// before.
    pub fn open(
        self,
        outer: Outer<'_>,
        may_make: &mut dyn FnMut(&str) -> bool,
        loader: &Loader<'_>,
        opened: &mut Opened,
    ) {
        let Self { name, maps, missing, unknown, .. } = self;
        opened.objects.maps.extend(maps);
        let is_of_refinery = |entry: &DataEntry| {
            let path = entry.likely_path();
            let is_about = is_about_refinery(&name) || is_about_refinery(path);
            let own = split(path.trim_end_matches('/')).1;
            let is_folder = split_extension(own).1.is_empty() && is_about_refinery(own);
            is_about && (kind_of_name(path).is_some() && format_of(path).is_some() || is_folder)
        };
        let known = opened.unchecked.len();
        let missing = missing.iter().filter(|(_, entry)| is_of_refinery(entry));
        let missing = missing.filter(|(written, _)| !may_make(written));
        opened.unchecked.extend(missing.filter_map(|(_, entry)| entry.find_missing(loader)));
        let unknown = unknown.filter(|_| opened.unchecked.len() == known);
        if let Some(file) = unknown.filter(|_| outer.text.contains("refinery")) {
            let what = format!("`{name}` is not checked, because `{file}` was not found");
            opened.notices.push(Notice::on(outer.name, what));
        }
    }
}

/// The entries for the files of a folder.
fn entries_of(folder: &str, place: Span, loader: &Loader<'_>) -> Vec<DataEntry> {
    let files = loader.names(folder).into_iter().map(|key| (join(folder, &key), key));
    let files = files.filter(|(path, _)| !loader.is_folder(path));
    files.map(|(path, key)| DataEntry::on_disk(&key, path, place)).collect()
}

/// A value of `--from-file`: a file, perhaps with its key, or a folder.
struct FromFile {
    /// The entries of each file or folder that it may mean. Empty if there is none.
    variants: Vec<Vec<DataEntry>>,
    missing: Option<(String, DataEntry)>,
    written: String,
}

impl FromFile {
    fn read(
        written: &str,
        place: Span,
        (folder, folders): (&str, &[String]),
        loader: &Loader<'_>,
    ) -> Self {
        /// Characters of paths that are not in the repository, or whose meaning only the shell knows.
        const ELSEWHERE: [char; 6] = ['/', '~', '<', '-', '*', '%'];
        let (key, path) = match written.split_once('=') {
            Some((key, path)) => (Some(key), path),
            None => (None, written),
        };
        let key = key.unwrap_or(split(path.trim_end_matches('/')).1);
        let missing = || {
            let is_here = !path.is_empty() && !path.starts_with(ELSEWHERE);
            let entry = || DataEntry::on_disk(key, join(folder, path), place);
            is_here.then(|| (path.to_owned(), entry()))
        };
        let found = |variants| Self { variants, missing: None, written: written.to_owned() };
        if is_open(path) {
            let mut all = folders.iter().map(|folder| find_files(folder, path, loader));
            let files = all.find(|files| !files.is_empty()).unwrap_or_default();
            let mut all = folders.iter().map(|folder| find_folders(folder, path, loader));
            let inner = all.find(|_| files.is_empty()).unwrap_or_default();
            if !inner.is_empty() {
                return found(inner.iter().map(|name| entries_of(name, place, loader)).collect());
            }
            let missing = files.is_empty().then(missing).flatten();
            let files = files.into_iter().map(|name| vec![DataEntry::on_disk(key, name, place)]);
            return Self { missing, ..found(files.collect()) };
        }
        let mut names = folders.iter().map(|at| join(at, path.trim_start_matches('/')));
        let is_there = |name: &String| {
            let (folder, file) = split(name);
            file.is_empty() || loader.names(folder).iter().any(|known| known == file)
        };
        let Some(name) = names.find(is_there) else {
            return Self { missing: missing(), ..found(Vec::new()) };
        };
        if !loader.is_folder(&name) {
            return found(vec![vec![DataEntry::on_disk(key, name, place)]]);
        }
        found(vec![entries_of(&name, place, loader)])
    }

    /// The entries of a variant of the map: those of the last file if there are fewer.
    fn variant(&self, at: usize) -> Option<&[DataEntry]> {
        self.variants.get(at).or(self.variants.last()).map(Vec::as_slice)
    }
}
