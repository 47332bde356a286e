//! `kubectl create configmap` and `kubectl create secret generic` → maps of files.

use super::contexts;
use crate::deploy::Outer;
use crate::deploy::content::DataEntry;
use crate::deploy::kubernetes::identity::Identity;
use crate::deploy::kubernetes::objects::Map;
use crate::deploy::loader::Loader;
use crate::notice::Notice;
use crate::source_name::SourceName;
use crate::span::{Piece, Span};
use crate::vfs::path::{join, split};

/// The map that a command creates, or a notice if a file of it is unknown. `None` for other
/// commands.
pub fn create(
    outer: Outer<'_>,
    words: &[String],
    place: Span,
    folder: &str,
    loader: &Loader<'_>,
) -> Option<Result<Map, Notice>> {
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
    let (mut name, mut namespace) = (None, String::new());
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
    let is_open = |text: &String| text.contains(['$', '`']);
    let mut data = Vec::new();
    for file in &files {
        let found = Some(file).filter(|file| !is_open(file));
        let found = found.and_then(|file| entries(outer, file, place, folder, loader));
        let Some(found) = found else {
            let what = format!("`{name}` is not checked, because `{file}` does not exist");
            return Some(Err(Notice::on(outer.name, what)));
        };
        data.extend(found);
    }
    data.extend(literals.iter().filter(|literal| !is_open(literal)).filter_map(|literal| {
        let (key, value) = literal.split_once('=')?;
        let named = SourceName::within(outer.name, format!("{name}:{key}"));
        let pieces = vec![Piece::written(0..value.len(), place)];
        Some(DataEntry::cut(named, key, value, 0, pieces))
    }));
    let identity = Identity {
        kind: kind.to_owned(),
        names: vec![name],
        namespace: Some(namespace).filter(|name| !is_open(name)).unwrap_or_default(),
        file: outer.name.to_owned(),
        ..Identity::default()
    };
    Some(Ok(Map::new(identity, data)))
}

/// The entries of `--from-file`: a file, perhaps with its key, or all files of a folder. `None` if it
/// does not exist.
fn entries(
    outer: Outer<'_>,
    written: &str,
    place: Span,
    folder: &str,
    loader: &Loader<'_>,
) -> Option<Vec<DataEntry>> {
    let (key, path) = match written.split_once('=') {
        Some((key, path)) => (Some(key), path),
        None => (None, written),
    };
    let names = contexts(outer.name, folder).into_iter();
    let mut names = names.map(|at| join(&at, path.trim_start_matches('/')));
    let is_there = |name: &String| {
        let (folder, file) = split(name);
        file.is_empty() || loader.names(folder).iter().any(|known| known == file)
    };
    let name = names.find(is_there)?;
    if !loader.is_folder(&name) {
        let key = key.unwrap_or(split(path).1);
        return Some(vec![DataEntry::on_disk(key, name, place)]);
    }
    let files = loader.names(&name).into_iter().map(|key| (join(&name, &key), key));
    let files = files.filter(|(path, _)| !loader.is_folder(path));
    Some(files.map(|(path, key)| DataEntry::on_disk(&key, path, place)).collect())
}
