//! A kustomization file: its keys and paths.
//!
//! Must not follow paths.

use crate::deploy::documents::documents;
use crate::deploy::{Outer, list, read_item};
use crate::sniff::file_name::{self, KUSTOMIZATIONS};
use crate::span::{FileId, Span};
use crate::syntax::{Item, Value};
use crate::vfs::path::{join, split};

/// The keys of generators, and the kinds that they generate.
pub const GENERATORS: [(&str, &str); 2] =
    [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")];

/// The kind of a kustomization that changes objects of another one.
const COMPONENT: &str = "Component";

/// A loaded kustomization.
pub struct Kustomization {
    pub name: String,
    pub file: FileId,
    pub text: String,
    pub item: Item,
}

impl Kustomization {
    /// Parses the first document of a file.
    ///
    /// # Errors
    /// The span of the syntax error, if known.
    pub fn parse(name: &str, file: FileId, text: String) -> Result<Self, Option<Span>> {
        let range = documents(&text).into_iter().next().unwrap_or_default();
        let item = read_item(file, text.get(range).unwrap_or_default())?;
        Ok(Self { name: name.to_owned(), file, text, item })
    }

    pub fn outer(&self) -> Outer<'_> {
        Outer::of(&self.name, self.file, &self.text)
    }

    /// Resolves a path in the file.
    pub fn path(&self, relative: &str) -> String {
        join(split(&self.name).0, relative)
    }

    pub fn list(&self, key: &str) -> &[Item] {
        list(&self.item, key)
    }

    pub fn words(&self, key: &str) -> impl Iterator<Item = &str> {
        self.list(key).iter().filter_map(Item::text)
    }

    /// A string that is not empty.
    pub fn word(&self, key: &str) -> Option<&str> {
        self.item.get(key).and_then(Item::text).filter(|word| !word.is_empty())
    }

    /// Its resources: files, and folders with kustomizations.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.words("resources").chain(self.words("bases"))
    }

    /// The paths of patch files.
    pub fn patches(&self) -> impl Iterator<Item = &str> {
        let full = self.list("patches").iter().chain(self.list("patchesJson6902"));
        let paths = full.filter_map(|patch| patch.get("path")?.text());
        let simple = self.words("patchesStrategicMerge").filter(|text| !text.contains('\n'));
        paths.chain(simple)
    }

    /// Whether it adds objects that only another program knows.
    pub fn adds_unknown(&self) -> bool {
        const KEYS: [&str; 3] = ["helmCharts", "helmChartInflationGenerator", "generators"];
        KEYS.iter().any(|key| self.item.get(key).is_some())
    }

    /// Whether Kustomize finds it by the name of its file.
    pub fn has_own_name(&self) -> bool {
        file_name::is_kustomization(&self.name)
    }

    /// Whether no field has a value.
    pub fn is_empty(&self) -> bool {
        let is_head = |key: &str| ["apiVersion", "kind"].contains(&key);
        let mut entries = self.item.entries().iter();
        entries.all(|entry| is_head(&entry.key) || entry.item.value == Value::Null)
    }

    /// Whether it is a component, which only changes objects of others.
    pub fn is_component(&self) -> bool {
        self.item.get("kind").and_then(Item::text) == Some(COMPONENT)
    }
}

/// Whether a document is a kustomization, by its file name or `apiVersion`.
pub fn is_kustomization(name: &str, item: &Item) -> bool {
    let by_version = |version: &str| version.starts_with("kustomize.config.k8s.io/");
    file_name::is_kustomization(name)
        || item.get("apiVersion").and_then(Item::text).is_some_and(by_version)
}

/// The possible kustomization files of a folder, in the order of lookup.
pub fn names_in(folder: &str) -> impl Iterator<Item = String> {
    KUSTOMIZATIONS.into_iter().map(move |name| join(folder, name))
}

/// The key and path of an entry of `files`: `key=path`, or a path whose last part is the key.
pub fn key_and_path(entry: &str) -> Option<(&str, &str)> {
    let (key, path) = entry.split_once('=').unwrap_or((split(entry).1, entry));
    (!key.is_empty() && !path.is_empty() && !path.contains('=')).then_some((key, path))
}

/// Whether a path is a URL or a remote repository.
pub fn is_remote(path: &str) -> bool {
    path.contains("://")
        || path.contains("?ref=")
        || ["git@", "git::", "github.com/"].iter().any(|start| path.starts_with(start))
}
