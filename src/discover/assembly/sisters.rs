//! Folders whose files are named like those of another environment, such as `envs/b` beside `envs/a`.

use crate::discover::candidate::Candidate;
use crate::schema::Kind;
use crate::sniff::recognise::{Generation, recognise};
use crate::vfs::Vfs;
use crate::vfs::decode::decode;
use crate::vfs::path::{folder_path, format_of, join, split};
use std::collections::BTreeMap;
use std::path::Path;

/// The maximum number of folders that are looked at beside one.
const MOST: usize = 100;

/// The folders with both halves, neither of which can be used, and the folder of another environment with
/// files of these names.
pub fn find_sisters<'c>(
    candidates: impl Iterator<Item = &'c Candidate>,
    store: &dyn Vfs,
) -> BTreeMap<String, String> {
    let mut halves: BTreeMap<&str, Vec<(Kind, &str)>> = BTreeMap::new();
    for candidate in candidates.filter(|candidate| candidate.is_unusable_half()) {
        let (folder, own) = split(&candidate.name);
        halves.entry(folder).or_default().extend(candidate.kind.map(|kind| (kind, own)));
    }
    let is_whole = |files: &[(Kind, &str)]| {
        Kind::ALL.iter().all(|kind| files.iter().any(|(own, _)| own == kind))
    };
    let whole = halves.into_iter().filter(|(_, files)| is_whole(files));
    whole
        .filter_map(|(folder, files)| Some((folder.to_owned(), sister(folder, &files, store)?)))
        .collect()
}

/// A folder that differs in one part of its path, with Refinery's files under these names.
fn sister(folder: &str, files: &[(Kind, &str)], store: &dyn Vfs) -> Option<String> {
    let is_ours = |path: &str, (kind, own): &(Kind, &str)| {
        let name = join(path, own);
        let format = format_of(own);
        let bytes = store.read(Path::new(&name), &name).ok();
        let found = bytes.and_then(|bytes| recognise(format, &decode(bytes, format).text));
        found.is_some_and(|it| it.kind == *kind && it.generation == Generation::Second)
    };
    let parts: Vec<&str> = folder.split('/').collect();
    (0..parts.len()).rev().find_map(|at| {
        let (around, own) = (parts[..at].join("/"), parts[at]);
        let below = parts[at + 1..].join("/");
        let names = store.names(folder_path(&around)).into_iter().filter(|name| name != own);
        let others = names.take(MOST).map(|name| join(&join(&around, &name), &below));
        others.into_iter().find(|path| files.iter().all(|file| is_ours(path, file)))
    })
}
