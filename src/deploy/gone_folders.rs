//! Folders of the repository that no longer exist, and the repositories that objects may mean.

use super::documents::documents;
use super::{at, read_item};
use crate::span::FileId;
use crate::syntax::{DataFormat, Item};
use crate::vfs::path::format_of;
use std::collections::{BTreeMap, BTreeSet};

/// The kind of a source of Flux that is a repository.
pub const REPOSITORY: &str = "GitRepository";

/// Folders that no longer exist, and what may refer to them.
pub struct GoneFolders<'g> {
    pub folders: &'g [&'g str],
    /// Whether a URL is that of this repository, as far as is known.
    pub is_own: &'g dyn Fn(&str) -> bool,
    /// All folders that exist.
    pub existing: &'g BTreeSet<String>,
    pub repositories: Repositories,
}

/// The URLs of the repositories that Flux knows by their names.
#[derive(Default)]
pub struct Repositories(BTreeMap<String, Vec<String>>);

impl Repositories {
    /// The URLs that a name may stand for.
    pub fn urls(&self, name: &str) -> Option<&[String]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// Adds those that a file defines.
    pub fn add(&mut self, name: &str, text: &str) {
        if format_of(name) != Some(DataFormat::Yaml) || !text.contains(REPOSITORY) {
            return;
        }
        for item in items(FileId(0), text) {
            let is_one = item.get("kind").and_then(Item::text) == Some(REPOSITORY);
            let own = at(&item, &["metadata", "name"]).and_then(Item::text);
            let url = at(&item, &["spec", "url"]).and_then(Item::text);
            if let (true, Some(own), Some(url)) = (is_one, own, url) {
                self.0.entry(own.to_owned()).or_default().push(url.to_owned());
            }
        }
    }
}

/// All documents of a file.
pub fn items(file: FileId, text: &str) -> Vec<Item> {
    let read = |range: std::ops::Range<usize>| {
        let item = read_item(file, text.get(range.clone())?).ok()?;
        Some(item.moved(range.start))
    };
    documents(text).into_iter().filter_map(read).collect()
}

impl GoneFolders<'_> {
    /// Whether a path is one of the folders.
    pub fn is_gone(&self, path: &str) -> bool {
        self.folders.contains(&path)
    }
}
