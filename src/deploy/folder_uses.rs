//! References to folders of the repository: in objects of Argo CD and Flux, kustomizations, helmfiles, and
//! commands that apply or install what is in a folder.
//!
//! Objects name the repository with the folder, which may be another one.

use super::folder_commands::find_in_commands;
use super::gone_folders::{GoneFolders, REPOSITORY, items};
use super::{at, list, word};
use crate::sniff::file_name::{is_helmfile, is_pipeline};
use crate::sniff::shebang::is_script_file;
use crate::span::{FileId, Span};
use crate::syntax::{DataFormat, Item};
use crate::vfs::path::{format_of, join, split};

/// The maximum depth of an object.
const DEEPEST: usize = 24;

/// Lists of a kustomization with folders, from its own.
const BASES: [&str; 3] = ["resources", "bases", "components"];

impl GoneFolders<'_> {
    /// The places where a file refers to one of the folders.
    pub fn find_uses(&self, name: &str, file: FileId, text: &str) -> Vec<Span> {
        if is_script_file(name, text) || is_pipeline(name) {
            return find_in_commands(self, name, file, text);
        }
        if format_of(name) != Some(DataFormat::Yaml) {
            return Vec::new();
        }
        items(file, text).iter().flat_map(|item| self.in_document(name, item)).collect()
    }

    fn in_document(&self, name: &str, item: &Item) -> Vec<Span> {
        let version = item.get("apiVersion").and_then(Item::text).unwrap_or_default();
        if version.contains("argoproj.io") {
            let mut found = Vec::new();
            self.search(item, item, 0, &mut found);
            return found;
        }
        if version.contains("toolkit.fluxcd.io") {
            let chart = at(item, &["spec", "chart", "spec"]);
            let chart = chart.and_then(|spec| self.of_flux(spec, spec.get("chart")?));
            let path = || self.of_flux(item.get("spec")?, at(item, &["spec", "path"])?);
            return chart.or_else(path).into_iter().collect();
        }
        let own = split(name).0;
        let is_one = |text: &str| self.is_gone(&join(own, text));
        let paths: Vec<&Item> = if is_helmfile(name) {
            let charts = list(item, "releases").iter().filter_map(|release| release.get("chart"));
            charts.filter(|chart| chart.text().is_some_and(|it| it.starts_with('.'))).collect()
        } else if split(name).1.to_ascii_lowercase().split('.').next() == Some("kustomization") {
            BASES.iter().flat_map(|key| list(item, key)).collect()
        } else {
            return Vec::new();
        };
        let used = paths.into_iter().filter(|it| it.text().is_some_and(is_one));
        used.filter_map(|it| it.span).collect()
    }

    /// Finds sources of Argo CD, and directories of generators, in this repository.
    fn search(&self, object: &Item, item: &Item, depth: usize, found: &mut Vec<Span>) {
        if depth >= DEEPEST {
            return;
        }
        let url = item.get("repoURL").and_then(Item::text);
        if url.is_some_and(|url| url.contains("{{") || (self.is_own)(url)) {
            let folders = list(item, "directories").iter().filter(|one| !is_excluded(one));
            let paths = std::iter::once(item).chain(folders).filter_map(|one| one.get("path"));
            let used = paths.filter(|path| path.text().is_some_and(|it| self.is_meant(object, it)));
            found.extend(used.filter_map(|path| path.span));
        }
        let inner = item.entries().iter().map(|entry| &entry.item);
        for inner in inner.chain(item.list().unwrap_or_default()) {
            self.search(object, inner, depth + 1, found);
        }
    }

    /// Whether a path from the root of the repository, which may have a parameter, is one of the folders.
    fn is_meant(&self, object: &Item, text: &str) -> bool {
        let path = join("", text.trim_start_matches('/'));
        self.folders.iter().any(|folder| *folder == path || is_made(object, &path, folder))
    }

    /// The place of a path in a source of Flux, if it is one of the folders of this repository.
    fn of_flux(&self, around: &Item, path: &Item) -> Option<Span> {
        let source = around.get("sourceRef")?;
        (source.get("kind")?.text()? == REPOSITORY).then_some(())?;
        let urls = self.repositories.urls(source.get("name")?.text()?);
        let is_own = urls.is_none_or(|urls| urls.iter().any(|url| (self.is_own)(url)));
        let is_gone = self.is_gone(&join("", path.text()?.trim_start_matches('/')));
        path.span.filter(|_| is_own && is_gone)
    }
}

/// Whether a generator leaves a directory out.
fn is_excluded(directory: &Item) -> bool {
    directory.get("exclude").and_then(word).as_deref() == Some("true")
}

/// Whether a parameter that the generators of a set list makes this folder of a path.
fn is_made(set: &Item, path: &str, folder: &str) -> bool {
    let Some((before, rest)) = path.split_once("{{") else { return false };
    let Some((_, after)) = rest.split_once("}}") else { return false };
    let value = folder.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    let generators = at(set, &["spec", "generators"]);
    let is_listed = |value: &str| {
        generators.is_some_and(|all| {
            all.any(&|item| item.text() == Some(value))
                && !all.any(&|item| {
                    is_excluded(item) && item.get("path").and_then(Item::text) == Some(value)
                })
        })
    };
    !after.contains("{{") && value.is_some_and(is_listed)
}
