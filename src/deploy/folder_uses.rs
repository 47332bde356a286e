//! References to folders of the repository: in objects of Argo CD and Flux, kustomizations, helmfiles, and
//! commands that apply or install what is in a folder.

use super::documents::documents;
use super::{at, list, read_item};
use crate::sniff::file_name::{is_helmfile, is_pipeline, is_script};
use crate::span::{FileId, Span};
use crate::syntax::{DataFormat, Item};
use crate::vfs::path::{format_of, join, split};

/// The maximum depth of an object.
const DEEPEST: usize = 24;

/// Words of the API versions of objects that apply or install a folder.
const APIS: [&str; 3] = ["argoproj.io", "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"];

/// Keys of the path of a folder, from the root of the repository.
const PATHS: [&str; 2] = ["path", "chart"];

/// Lists of a kustomization with folders, from its own.
const BASES: [&str; 3] = ["resources", "bases", "components"];

/// Programs that apply or install what is in a folder.
const PROGRAMS: [&str; 4] = ["kubectl", "kustomize", "helm", "oc "];

/// The places where a file refers to one of these folders.
pub fn find_uses(name: &str, file: FileId, text: &str, folders: &[&str]) -> Vec<Span> {
    if is_script(name) || is_pipeline(name) {
        return in_commands(file, text, folders);
    }
    if format_of(name) != Some(DataFormat::Yaml) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for range in documents(text) {
        let document = text.get(range.clone()).unwrap_or_default();
        let Ok(item) = read_item(file, document) else { continue };
        let item = item.moved(range.start);
        found.extend(in_document(name, &item, folders));
    }
    found
}

fn in_document(name: &str, item: &Item, folders: &[&str]) -> Vec<Span> {
    let own = split(name).0;
    let version = item.get("apiVersion").and_then(Item::text).unwrap_or_default();
    if APIS.iter().any(|api| version.contains(api)) {
        let means = |text: &str| {
            let path = join("", text.trim_start_matches('/'));
            folders.iter().any(|folder| *folder == path || is_made(item, &path, folder))
        };
        let mut found = Vec::new();
        search(item, 0, &means, &mut found);
        return found;
    }
    let is_one = |text: &str| {
        let path = join(own, text);
        folders.contains(&path.as_str())
    };
    if is_helmfile(name) {
        let charts = list(item, "releases").iter().filter_map(|release| release.get("chart"));
        let local = charts.filter(|chart| chart.text().is_some_and(|it| it.starts_with('.')));
        return local.filter(|it| it.text().is_some_and(is_one)).filter_map(|it| it.span).collect();
    }
    let stem = split(name).1.split('.').next().unwrap_or_default();
    if stem != "kustomization" && stem != "Kustomization" {
        return Vec::new();
    }
    let bases = BASES.iter().flat_map(|key| list(item, key));
    bases.filter(|it| it.text().is_some_and(is_one)).filter_map(|it| it.span).collect()
}

fn search(item: &Item, depth: usize, means: &dyn Fn(&str) -> bool, found: &mut Vec<Span>) {
    if depth >= DEEPEST {
        return;
    }
    for entry in item.entries() {
        let is_path = PATHS.contains(&entry.key.as_str());
        let text =
            entry.item.text().filter(|text| is_path && text.contains('/') || entry.key == "path");
        found.extend(text.filter(|text| means(text)).and(entry.item.span));
        search(&entry.item, depth + 1, means, found);
    }
    for element in item.list().unwrap_or_default() {
        search(element, depth + 1, means, found);
    }
}

/// Whether a parameter that the generators of a set list makes this folder of a path.
fn is_made(set: &Item, path: &str, folder: &str) -> bool {
    let Some((before, rest)) = path.split_once("{{") else { return false };
    let Some((_, after)) = rest.split_once("}}") else { return false };
    let value = folder.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    let generators = at(set, &["spec", "generators"]);
    let is_listed =
        |value: &str| generators.is_some_and(|all| all.any(&|item| item.text() == Some(value)));
    !after.contains("{{") && value.is_some_and(is_listed)
}

/// The places of the words that are one of the folders, in lines with a program for it.
fn in_commands(file: FileId, text: &str, folders: &[&str]) -> Vec<Span> {
    let is_end = |c: char| c.is_whitespace() || "\"'=,;()".contains(c);
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let is_command = PROGRAMS.iter().any(|program| line.contains(program));
        if is_command && !line.trim_start().starts_with('#') {
            let mut at = start;
            for word in line.split(is_end) {
                let path = join("", word.trim_start_matches("./"));
                if word.contains('/') && folders.contains(&path.as_str()) {
                    found.push(Span::new(file, at, at + word.len()));
                }
                // All ends are a single byte, except some spaces.
                let next = at + word.len();
                at = next + text[next..].chars().next().map_or(0, char::len_utf8);
            }
        }
        start += line.len();
    }
    found
}
