//! Files near a deployment that may pin its release, and whether they refer to its files.

use super::{CHART_FILE, REQUIREMENTS_FILE};
use crate::release::Pin;
use crate::sniff::containers::names_others;
use crate::sniff::file_name::{builds_image, is_hcl, is_script, suggests_values};
use crate::syntax::Item;
use crate::vfs::path::{folder_path, join, split, split_extension};
use crate::vfs::{Skip, Vfs};
use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;

/// The maximum numbers of parent folders, of subfolders of each, and of files.
const MOST_FOLDERS_ABOVE: usize = 6;
const MOST_FOLDERS_BESIDE: usize = 40;
const MOST_FILES: usize = 400;

/// Names of folders with one folder for each chart.
const CHARTS: [&str; 2] = ["charts", "helm"];

/// The folder of workflows, whose paths are relative to the root of the repository.
const WORKFLOWS: &str = ".github/workflows";

/// A nearby file that mentions Refinery, or may name files that it uses.
pub struct NearFile {
    pub name: String,
    pub text: String,
    /// Its YAML documents, once they are needed.
    items: OnceCell<Vec<Item>>,
    /// The releases that its images pin, once they are needed.
    images: OnceCell<Vec<Pin>>,
}

/// The files that may pin a release, by the folder that they are near. Each folder is read once in
/// a run: many deployments share their parents.
#[derive(Default)]
pub struct NearFolders {
    /// The files of a folder that mention Refinery.
    own: RefCell<HashMap<String, Rc<[Rc<NearFile>]>>>,
    /// Whether one of the files near a folder may install the Refinery chart.
    installing: RefCell<HashMap<String, bool>>,
    /// Those of a folder, its subfolders and its workflows.
    around: RefCell<HashMap<String, Rc<[Rc<NearFile>]>>>,
}

impl NearFolders {
    /// All nearby files that may pin a release: in the folder of a file and its parents up to the
    /// root of the repository, and in the subfolders of these.
    pub fn near(&self, store: &dyn Vfs, file: &str) -> Vec<Rc<NearFile>> {
        let mut known = HashSet::new();
        let mut files = Vec::new();
        for folder in folders_above(store, split(file).0) {
            let around = self.around(store, &folder);
            files.extend(around.iter().filter(|file| known.insert(file.name.clone())).cloned());
        }
        files.truncate(MOST_FILES);
        files
    }

    /// Whether a nearby file may install the Refinery chart with values of others, or the path of
    /// the file itself suggests such values.
    pub fn may_install(&self, store: &dyn Vfs, file: &str) -> bool {
        let folder = split(file).0;
        let known = self.installing.borrow().get(folder).copied();
        let is_near = known.unwrap_or_else(|| {
            let near = self.near(store, file);
            let is_near = near.iter().any(|file| {
                let is_chart = [CHART_FILE, REQUIREMENTS_FILE].contains(&file.own_name());
                let text = file.text.to_lowercase();
                mentions(file.text.as_bytes())
                    && (is_chart || text.contains("chart") || text.contains("helm"))
            });
            self.installing.borrow_mut().insert(folder.to_owned(), is_near);
            is_near
        });
        is_near || suggests_values(file)
    }

    fn around(&self, store: &dyn Vfs, folder: &str) -> Rc<[Rc<NearFile>]> {
        if let Some(known) = self.around.borrow().get(folder) {
            return Rc::clone(known);
        }
        let names = store.names(folder_path(folder));
        let inner = names
            .iter()
            .filter(|name| Skip::of_name(name, false).is_none())
            .map(|name| join(folder, name))
            .filter(|path| store.is_folder(Path::new(path)))
            .take(MOST_FOLDERS_BESIDE);
        let inner: Vec<String> = inner.flat_map(|path| with_charts(store, path)).collect();
        let folders = std::iter::once(folder.to_owned()).chain(inner);
        let folders = folders.chain(std::iter::once(join(folder, WORKFLOWS)));
        let files: Vec<_> = folders.flat_map(|at| self.own(store, &at).to_vec()).collect();
        let files: Rc<[_]> = files.into();
        self.around.borrow_mut().insert(folder.to_owned(), Rc::clone(&files));
        files
    }

    fn own(&self, store: &dyn Vfs, folder: &str) -> Rc<[Rc<NearFile>]> {
        if let Some(known) = self.own.borrow().get(folder) {
            return Rc::clone(known);
        }
        let names = store.names(folder_path(folder));
        let read = |name: &String| {
            let path = join(folder, name);
            let bytes = store.head(Path::new(&path), &path).ok()?;
            let is_near = mentions(&bytes) || names_others(name) || runs_helm(&path, &bytes);
            is_near.then(|| {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                Rc::new(NearFile::new(path, text))
            })
        };
        let files: Rc<[_]> = names.iter().filter(|name| may_pin(name)).filter_map(read).collect();
        self.own.borrow_mut().insert(folder.to_owned(), Rc::clone(&files));
        files
    }
}

/// A folder and, if it has charts by its name, the folders in it.
fn with_charts(store: &dyn Vfs, folder: String) -> Vec<String> {
    let mut all = vec![folder];
    if let [folder] = &all[..]
        && CHARTS.contains(&split(folder).1)
    {
        let inner = store.names(folder_path(folder)).into_iter().map(|name| join(folder, &name));
        let inner = inner.filter(|path| store.is_folder(Path::new(path)));
        all.extend(inner.take(MOST_FOLDERS_BESIDE).collect::<Vec<_>>());
    }
    all
}

/// A folder and its parents up to the root of the repository.
fn folders_above(store: &dyn Vfs, folder: &str) -> Vec<String> {
    let mut all = vec![folder.to_owned()];
    let mut at = folder;
    while !store.is_top(Path::new(at)) && !at.is_empty() && all.len() <= MOST_FOLDERS_ABOVE {
        at = split(at).0;
        all.push(at.to_owned());
    }
    let is_in_repository = all.last().is_some_and(|top| store.is_top(Path::new(top)));
    if !is_in_repository && folder.starts_with('/') {
        all.truncate(1);
    }
    all
}

/// The folder that contains all files for which a file in this folder is nearby.
pub fn reach(folder: &str) -> &str {
    match folder.strip_suffix(WORKFLOWS) {
        Some(top) if top.is_empty() || top.ends_with('/') => top.trim_end_matches('/'),
        _ => split(folder).0,
    }
}

/// Whether a file of this name may pin a release.
pub fn may_pin(name: &str) -> bool {
    let (_, extension) = split_extension(name);
    ["yaml", "yml", "gotmpl", "dockerfile"].contains(&extension)
        || name == "fly.toml"
        || builds_image(name)
        || is_script(name)
        || is_hcl(name)
}

/// Whether it may install charts whose names do not mention Refinery.
fn runs_helm(path: &str, bytes: &[u8]) -> bool {
    let (folder, name) = split(path);
    let may_install =
        is_script(name) || name.starts_with("helmfile") || folder.ends_with(WORKFLOWS);
    may_install && String::from_utf8_lossy(bytes).contains("helm")
}

/// Whether a file mentions Refinery.
pub fn mentions(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).contains("efinery")
}

impl NearFile {
    pub fn new(name: String, text: String) -> Self {
        Self { name, text, items: OnceCell::new(), images: OnceCell::new() }
    }

    /// Its YAML documents, parsed once.
    pub fn items(&self, parse: impl FnOnce(&str) -> Vec<Item>) -> &[Item] {
        self.items.get_or_init(|| parse(&self.text))
    }

    /// The releases of its images, read once.
    pub fn images(&self, read: impl FnOnce(&Self) -> Vec<Pin>) -> &[Pin] {
        self.images.get_or_init(|| read(self))
    }

    pub fn extension(&self) -> &str {
        split_extension(split(&self.name).1).1
    }

    /// Its name without folders.
    pub fn own_name(&self) -> &str {
        split(&self.name).1
    }

    pub fn folder(&self) -> &str {
        split(&self.name).0
    }

    /// Whether a word in it refers to this file, or to a folder that contains it.
    pub fn means(&self, word: &str, file: &str) -> bool {
        let word = word.trim_end_matches('/');
        if word.is_empty() || word == "." {
            return false;
        }
        // A leading variable stands for the root of a repository or a folder.
        if let Some((variable, rest)) = word.split_once('/').filter(|(v, _)| v.contains('$')) {
            let is_here = variable.contains("path.module") || variable.contains("pwd");
            return ends_with(file, rest) || is_here && self.reaches(rest, file);
        }
        self.reaches(word, file)
    }

    /// The existing file that a word in it refers to.
    pub fn resolve(&self, word: &str, store: &dyn Vfs) -> Option<String> {
        resolve(self.folder(), word, store)
    }

    fn reaches(&self, word: &str, file: &str) -> bool {
        let folder = match self.folder().strip_suffix(WORKFLOWS) {
            Some(top) => top.trim_end_matches('/'),
            None => self.folder(),
        };
        let path = join(folder, word);
        fits(file, &path) || file.strip_prefix(&path).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// The existing file that a word in a file of this folder refers to. A leading variable stands for
/// the root of a repository or a folder; a tool may also start in a folder above, and Ansible looks
/// in `files` and `templates`.
pub fn resolve(folder: &str, word: &str, store: &dyn Vfs) -> Option<String> {
    let is_there = |path: &String| {
        !store.is_folder(Path::new(path)) && store.read(Path::new(path), path).is_ok()
    };
    places(folder, word, store).into_iter().find(is_there)
}

/// The same for a folder.
pub fn resolve_folder(folder: &str, word: &str, store: &dyn Vfs) -> Option<String> {
    let mut all = places(folder, word, store).into_iter();
    all.find(|path| !path.is_empty() && store.is_folder(Path::new(path)))
}

/// The paths that a word may mean, most likely first.
fn places(folder: &str, word: &str, store: &dyn Vfs) -> Vec<String> {
    const INNER: [&str; 4] = ["files", "../files", "templates", "../templates"];
    let rest = match word.split_once('/') {
        Some((variable, rest)) if variable.contains('$') => rest,
        _ => word,
    };
    if word.contains("://") {
        return Vec::new();
    }
    let inner = INNER.map(|inner| join(folder, inner)).into_iter();
    let all = std::iter::once(folder.to_owned()).chain(inner).chain(folders_above(store, folder));
    all.map(|above| join(&above, rest.trim_start_matches("./"))).collect()
}

/// Whether a path ends with these whole components.
fn ends_with(path: &str, end: &str) -> bool {
    let end = end.trim_start_matches("./");
    let begins = path.match_indices('/').map(|(at, _)| at + 1);
    !end.is_empty() && std::iter::once(0).chain(begins).any(|at| fits(&path[at..], end))
}

/// Whether a path matches a pattern in which `{{…}}` matches anything.
fn fits(path: &str, pattern: &str) -> bool {
    let Some((before, rest)) = pattern.split_once("{{") else { return path == pattern };
    let after = rest.rsplit("}}").next().unwrap_or_default();
    let inner = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    inner.is_some_and(|inner| !inner.is_empty()) && before.len() + after.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_words_relative_to_their_file() {
        for (from, word, file, expected) in [
            ("a/helmfile.yaml", "values.yaml", "a/values.yaml", true),
            ("a/helmfile.yaml", "./values.yaml", "a/values.yaml", true),
            ("a/helmfile.yaml", "../b/values.yaml", "b/values.yaml", true),
            ("helmfile.yaml", "values.yaml", "a/values.yaml", false),
            ("helmfile.yaml", "a", "a/values.yaml", true),
            ("helmfile.yaml", "a/", "a/values.yaml", true),
            ("helmfile.yaml", "a", "ab/values.yaml", false),
            ("helmfile.yaml", ".", "values.yaml", false),
            ("apps/x.yaml", "$values/a/values.yaml", "a/values.yaml", true),
            ("apps/x.yaml", "$values/values.yaml", "a/bvalues.yaml", false),
            ("apps/x.yaml", "$values/a/{{cluster}}/values.yaml", "a/eu/values.yaml", true),
            ("apps/x.yaml", "$values/a/{{cluster}}/values.yaml", "b/eu/values.yaml", false),
            ("x.yaml", "a/{{cluster}}/values.yaml", "a/eu/values.yaml", true),
            ("x.yaml", "{{path}}", "a/values.yaml", false),
            ("infra/main.tf", "${path.module}/../v.yaml", "v.yaml", true),
            ("run.sh", "$PWD/config.yaml", "config.yaml", true),
            (".github/workflows/ci.yml", "deploy/config.yaml", "deploy/config.yaml", true),
            ("x/.github/workflows/ci.yml", "config.yaml", "x/config.yaml", true),
        ] {
            let near = NearFile::new(from.to_owned(), String::new());
            assert_eq!(near.means(word, file), expected, "{from} {word} {file}");
        }
    }
}
