//! A kustomization file: what stands in it, and where the paths in it lead.
//!
//! Must not follow any of them.

use crate::deploy::documents::documents;
use crate::deploy::{Outer, list, read_item};
use crate::span::{FileId, Span};
use crate::syntax::Item;
use crate::vfs::path::{join, split, split_extension};

/// The names that Kustomize looks for in a folder.
pub const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What Kustomize calls a kustomization that changes what another one has collected.
const COMPONENT: &str = "Component";

/// A kustomization that stands on the shelf.
pub struct Kustomization {
    pub name: String,
    pub file: FileId,
    pub text: String,
    pub item: Item,
}

impl Kustomization {
    /// The first document of a file.
    ///
    /// # Errors
    /// It cannot be read; where, if that is known.
    pub fn parse(name: &str, file: FileId, text: String) -> Result<Self, Option<Span>> {
        let range = documents(&text).into_iter().next().unwrap_or_default();
        let item = read_item(file, text.get(range).unwrap_or_default())?;
        Ok(Self { name: name.to_owned(), file, text, item })
    }

    pub fn outer(&self) -> Outer<'_> {
        Outer::of(&self.name, self.file, &self.text)
    }

    /// What a path in the file leads to.
    pub fn path(&self, relative: &str) -> String {
        join(split(&self.name).0, relative)
    }

    pub fn list(&self, key: &str) -> &[Item] {
        list(&self.item, key)
    }

    pub fn words(&self, key: &str) -> impl Iterator<Item = &str> {
        self.list(key).iter().filter_map(Item::text)
    }

    /// A text that is there and not empty.
    pub fn word(&self, key: &str) -> Option<&str> {
        self.item.get(key).and_then(Item::text).filter(|word| !word.is_empty())
    }

    /// All that it collects: files, and folders with kustomizations.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.words("resources").chain(self.words("bases"))
    }

    /// The files that hold patches.
    pub fn patches(&self) -> impl Iterator<Item = &str> {
        let full = self.list("patches").iter().chain(self.list("patchesJson6902"));
        let paths = full.filter_map(|patch| patch.get("path")?.text());
        let simple = self.words("patchesStrategicMerge").filter(|text| !text.contains('\n'));
        paths.chain(simple)
    }

    /// It is nothing by itself: what it merges into is somebody else's.
    pub fn is_component(&self) -> bool {
        self.item.get("kind").and_then(Item::text) == Some(COMPONENT)
    }
}

/// Is a document that has such keys one of Kustomize's? By the file's name, or by its own word.
pub fn is_kustomization(name: &str, item: &Item) -> bool {
    let by_version = |version: &str| version.starts_with("kustomize.config.k8s.io/");
    split_extension(name).0 == "kustomization"
        || item.get("apiVersion").and_then(Item::text).is_some_and(by_version)
}

/// The files that may be the kustomization of a folder, in the order in which they are looked for.
pub fn names_in(folder: &str) -> impl Iterator<Item = String> {
    NAMES.into_iter().map(move |name| join(folder, name))
}

/// The key and the path of an entry of `files`: `key=path`, or a path whose last part is the key.
pub fn key_and_path(entry: &str) -> Option<(&str, &str)> {
    let (key, path) = entry.split_once('=').unwrap_or((split(entry).1, entry));
    (!key.is_empty() && !path.is_empty() && !path.contains('=')).then_some((key, path))
}

/// Does a path lead to another machine?
pub fn is_remote(path: &str) -> bool {
    path.contains("://")
        || path.contains("?ref=")
        || ["git@", "git::", "github.com/"].iter().any(|start| path.starts_with(start))
}
