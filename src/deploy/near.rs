//! Files near a deployment that may pin its release, and whether they refer to its files.

use super::chart_pin::ChartPin;
use super::script::windows::in_shell_syntax;
use super::{CHART_FILE, REQUIREMENTS_FILE};
use crate::release::Pin;
use crate::sniff::containers::{is_of_flux, names_others, names_values};
use crate::sniff::file_name::{
    PIPELINES, builds_image, is_hcl, is_helmfile, is_pipeline, is_script, start_of_pipelines,
    suggests_values,
};
use crate::sniff::shebang::{is_script_file, may_be_script, starts_script};
use crate::syntax::{DataFormat, Item};
use crate::vfs::path::{folder_path, format_of, join, split, split_extension};
use crate::vfs::{Skip, Vfs};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;

/// The maximum numbers of parent folders, of subfolders of each, and of files.
const MOST_FOLDERS_ABOVE: usize = 6;
const MOST_FOLDERS_BESIDE: usize = 40;
const MOST_FILES: usize = 400;

/// The maximum number of paths in a file that are looked up as charts.
const MOST_PATHS: usize = 500;

/// The maximum number of files of Terraform that are searched for uses of modules.
const MOST_MODULES: usize = 5000;

/// The maximum number of files that are searched for objects of Flux.
const MOST_OBJECTS: usize = 20_000;

/// Names of folders with one folder for each chart.
const CHARTS: [&str; 2] = ["charts", "helm"];

/// A nearby file that mentions Refinery, or may name files that it uses.
pub struct NearFile {
    pub name: String,
    pub text: String,
    /// Its YAML documents, once they are needed.
    items: OnceCell<Vec<Item>>,
    /// The releases that its images pin, once they are needed.
    images: OnceCell<Vec<Pin>>,
    /// The charts that its text installs, once they are needed.
    charts: OnceCell<Vec<ChartPin>>,
}

/// The files that may pin a release, by the folder that they are near. Each folder is read once in
/// a run: many deployments share their parents.
#[derive(Default)]
pub struct NearFolders {
    /// The files of a folder that mention Refinery.
    own: RefCell<HashMap<String, Rc<[Rc<NearFile>]>>>,
    /// Whether one of the files near a folder may install the Refinery chart.
    installing: RefCell<HashMap<String, bool>>,
    /// All files near a folder.
    near: RefCell<HashMap<String, Rc<[Rc<NearFile>]>>>,
    /// The charts that the files near a folder install.
    charts: RefCell<HashMap<String, Rc<[ChartPin]>>>,
    /// Those of a folder, its subfolders and its workflows.
    around: RefCell<HashMap<String, Rc<[Rc<NearFile>]>>>,
    /// Files of Terraform and Terragrunt that use modules, in and below a folder.
    using_modules: RefCell<HashMap<String, Rc<[Rc<NearFile>]>>>,
    /// Files with Kustomizations of Flux, in and below a folder.
    of_flux: RefCell<HashMap<String, Rc<[Rc<NearFile>]>>>,
}

impl NearFolders {
    /// All nearby files that may pin a release: in the folder of a file and its parents up to the
    /// root of the repository, and in the subfolders of these.
    pub fn near(&self, store: &dyn Vfs, file: &str) -> Rc<[Rc<NearFile>]> {
        let folder = split(file).0;
        if let Some(near) = self.near.borrow().get(folder) {
            return Rc::clone(near);
        }
        let mut known = HashSet::new();
        let mut files = Vec::new();
        for folder in folders_above(store, folder) {
            let around = self.around(store, &folder);
            files.extend(around.iter().filter(|file| known.insert(Rc::as_ptr(file))).cloned());
        }
        files.truncate(MOST_FILES);
        let files: Rc<[_]> = files.into();
        self.near.borrow_mut().insert(folder.to_owned(), Rc::clone(&files));
        files
    }

    /// The charts that the files near a file install, read once for its folder.
    pub fn charts(
        &self,
        store: &dyn Vfs,
        file: &str,
        read: impl FnOnce(&[Rc<NearFile>]) -> Vec<ChartPin>,
    ) -> Rc<[ChartPin]> {
        let folder = split(file).0;
        if let Some(known) = self.charts.borrow().get(folder) {
            return Rc::clone(known);
        }
        let charts: Rc<[_]> = read(&self.near(store, file)).into();
        self.charts.borrow_mut().insert(folder.to_owned(), Rc::clone(&charts));
        charts
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

    /// All files of Terraform and Terragrunt in the repository around a folder that use modules.
    pub fn using_modules(&self, store: &dyn Vfs, folder: &str) -> Rc<[Rc<NearFile>]> {
        let top = folders_above(store, folder).pop().unwrap_or_default();
        if let Some(known) = self.using_modules.borrow().get(&top) {
            return Rc::clone(known);
        }
        let walk = store.walk(folder_path(&top), is_hcl).unwrap_or_default();
        let read = |name: String| {
            let bytes = store.head(Path::new(&name), &name).ok()?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            text.contains("source").then(|| Rc::new(NearFile::new(name, text)))
        };
        let names = walk.files.into_iter().map(|file| file.name).take(MOST_MODULES);
        let files: Rc<[_]> = names.filter_map(read).collect();
        self.using_modules.borrow_mut().insert(top, Rc::clone(&files));
        files
    }

    /// All files in the repository around a folder with Kustomizations of Flux, or that change them.
    pub fn of_flux(&self, store: &dyn Vfs, folder: &str) -> Rc<[Rc<NearFile>]> {
        let top = folders_above(store, folder).pop().unwrap_or_default();
        if let Some(known) = self.of_flux.borrow().get(&top) {
            return Rc::clone(known);
        }
        let (mut found, mut left, mut waiting) = (Vec::new(), MOST_OBJECTS, vec![top.clone()]);
        while let Some(at) = waiting.pop() {
            for name in store.names(folder_path(&at)) {
                let path = join(&at, &name);
                if format_of(&name) == Some(DataFormat::Yaml) && left > 0 {
                    left -= 1;
                    let bytes = store.head(Path::new(&path), &path).unwrap_or_default();
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    if is_of_flux(&text) {
                        found.push(Rc::new(NearFile::new(path, text)));
                    }
                } else if Skip::of_name(&name, true).is_none() && store.is_folder(Path::new(&path))
                {
                    waiting.push(path);
                }
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        let files: Rc<[_]> = found.into();
        self.of_flux.borrow_mut().insert(top, Rc::clone(&files));
        files
    }

    /// The folders of templates of charts that nearby files may install with the values in a file.
    pub fn templates_with(&self, store: &dyn Vfs, file: &str) -> Vec<String> {
        let mut found = Vec::new();
        for near in self.near(store, file).iter() {
            let text = with_patterns(&near.text);
            let words: Vec<&str> = words(&text).collect();
            // A tool may start in a folder above, or in that of the chart.
            let may_mean =
                |word: &&str| near.means(word, file) || ends_with(file, without_parent_steps(word));
            if words.iter().any(may_mean) {
                found.extend(near.templates(store));
            }
        }
        found.sort();
        found.dedup();
        found
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
        let folders = folders.chain(PIPELINES.iter().map(|pipelines| join(folder, pipelines)));
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
            (!may_be_script(name) || starts_script(&bytes)).then_some(())?;
            let names_values = || names_values(&String::from_utf8_lossy(&bytes));
            let is_near = mentions(&bytes)
                || names_others(name)
                || runs_tool(&path, &bytes)
                || names_values();
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
pub fn folders_above(store: &dyn Vfs, folder: &str) -> Vec<String> {
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
    start_of_pipelines(folder).unwrap_or_else(|| split(folder).0)
}

/// Whether a file of this name may pin a release, or say how others are used.
pub fn may_pin(name: &str) -> bool {
    const NAMES: [&str; 6] =
        ["fly.toml", "Kustomization", "package.json", "mise.toml", ".mise.toml", ".env"];
    let (_, extension) = split_extension(name);
    ["yaml", "yml", "gotmpl", "dockerfile"].contains(&extension)
        || NAMES.contains(&name)
        || builds_image(name)
        || is_script(name)
        || may_be_script(name)
        || is_hcl(name)
}

/// Whether it may install charts, or start projects of compose, whose names do not mention Refinery.
fn runs_tool(path: &str, bytes: &[u8]) -> bool {
    const COMBINES: [&str; 3] = ["compose -f ", "compose --file", "COMPOSE_FILE"];
    let text = String::from_utf8_lossy(bytes);
    let may_install = is_script_file(path, &text) || is_helmfile(path) || is_pipeline(path);
    may_install && text.contains("helm") || COMBINES.iter().any(|word| text.contains(word))
}

/// Whether a file mentions Refinery.
pub fn mentions(bytes: &[u8]) -> bool {
    bytes.windows(7).any(|part| matches!(part, b"efinery" | b"EFINERY"))
}

impl NearFile {
    pub fn new(name: String, text: String) -> Self {
        let text = in_shell_syntax(&name, text);
        let (items, images, charts) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { name, text, items, images, charts }
    }

    /// Its YAML documents, parsed once.
    pub fn items(&self, parse: impl FnOnce(&str) -> Vec<Item>) -> &[Item] {
        self.items.get_or_init(|| parse(&self.text))
    }

    /// The releases of its images, read once.
    pub fn images(&self, read: impl FnOnce(&Self) -> Vec<Pin>) -> &[Pin] {
        self.images.get_or_init(|| read(self))
    }

    /// The charts that its text installs, read once.
    pub fn charts(&self, read: impl FnOnce(&Self) -> Vec<ChartPin>) -> &[ChartPin] {
        self.charts.get_or_init(|| read(self))
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

    /// The folders of templates of the charts that it refers to.
    pub fn templates(&self, store: &dyn Vfs) -> Vec<String> {
        let text = with_patterns(&self.text);
        let folders = words(&text).filter(|word| word.contains('/') || *word == ".");
        let folders: BTreeSet<&str> = folders.collect();
        let charts =
            folders.into_iter().take(MOST_PATHS).filter_map(|word| self.resolve_chart(word, store));
        charts.map(|folder| join(&folder, "templates")).collect()
    }

    /// The folder of the chart that a word in it refers to.
    pub fn resolve_chart(&self, word: &str, store: &dyn Vfs) -> Option<String> {
        let is_chart = |folder: &String| {
            let path = join(folder, CHART_FILE);
            store.read(Path::new(&path), &path).is_ok()
        };
        places(self.folder(), word, store).into_iter().find(is_chart)
    }

    fn reaches(&self, word: &str, file: &str) -> bool {
        let folder = start_of_pipelines(self.folder()).unwrap_or(self.folder());
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

/// The folder that a path in a file of this folder refers to, from the root of the repository or,
/// where that is not known, of a folder above.
pub fn resolve_from_top(folder: &str, path: &str, store: &dyn Vfs) -> Option<String> {
    let above = folders_above(store, folder).into_iter().rev();
    let mut all = above.map(|above| join(&above, path.trim_start_matches("./")));
    all.find(|path| store.is_folder(folder_path(path)))
}

/// The paths that a word may mean, most likely first.
pub fn places(folder: &str, word: &str, store: &dyn Vfs) -> Vec<String> {
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

/// The words of a text that may be paths.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "\"'[],=".contains(c))
}

/// A path without leading `../` and `./`.
fn without_parent_steps(path: &str) -> &str {
    let mut rest = path;
    while let Some(inner) = rest.strip_prefix("../").or_else(|| rest.strip_prefix("./")) {
        rest = inner;
    }
    rest
}

/// Whether a path ends with these whole components.
fn ends_with(path: &str, end: &str) -> bool {
    let end = end.trim_start_matches("./");
    let begins = path.match_indices('/').map(|(at, _)| at + 1);
    !end.is_empty() && std::iter::once(0).chain(begins).any(|at| fits(&path[at..], end))
}

/// Whether a path matches a pattern in which `{{…}}` matches anything.
fn fits(path: &str, pattern: &str) -> bool {
    captured(path, pattern).is_some()
}

/// The part of a path that `{{…}}` in a pattern matches; empty for a plain path.
pub fn captured<'p>(path: &'p str, pattern: &str) -> Option<&'p str> {
    let Some((before, rest)) = pattern.split_once("{{") else {
        return (path == pattern).then_some("");
    };
    let after = rest.rsplit("}}").next().unwrap_or_default();
    let inner = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    inner.filter(|inner| !inner.is_empty() && before.len() + after.len() > 1)
}

/// What stands for a variable that may have any value.
pub const OPEN: &str = "{{default}}";

/// A text with `{{NAME}}` in place of all variables, except those that begin a path, which stand for a
/// folder.
pub fn with_patterns(text: &str) -> String {
    let mut found = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(['$', '{']) {
        let (before, from) = rest.split_at(start);
        found.push_str(before);
        let length = variable(from);
        let (variable, after) = from.split_at(length.unwrap_or(1));
        let is_inside = |c: char| c.is_alphanumeric() || "/-_.".contains(c);
        let begins = !before.ends_with(is_inside) && after.starts_with('/');
        if length.is_none() || begins && variable.starts_with('$') {
            found.push_str(variable);
        } else {
            let is_name = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
            let name = variable.trim_start_matches(|c| !is_name(c));
            let name = name.split(|c| !is_name(c)).next().unwrap_or_default();
            found.extend(["{{", name, "}}"]);
        }
        rest = after;
    }
    found + rest
}

/// The length of a variable at the start of a text, in the syntax of templates, shells or Makefiles.
fn variable(text: &str) -> Option<usize> {
    let closed = |open: &str, close: &str| {
        let line = text.strip_prefix(open)?.lines().next()?;
        Some(open.len() + line.find(close)? + close.len())
    };
    let word = || {
        let name = text.strip_prefix('$')?;
        let length = name.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        Some(1 + length.unwrap_or(name.len())).filter(|length| *length > 1)
    };
    // The stem, the target and the first prerequisite of a rule of a Makefile.
    let automatic = || ["$*", "$@", "$<"].iter().any(|it| text.starts_with(it)).then_some(2);
    let pairs = [("${{", "}}"), ("{{", "}}"), ("$(", ")"), ("${", "}")];
    pairs.into_iter().find_map(|(open, close)| closed(open, close)).or_else(word).or_else(automatic)
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
            (".circleci/config.yml", "deploy/config.yaml", "deploy/config.yaml", true),
        ] {
            let near = NearFile::new(from.to_owned(), String::new());
            assert_eq!(near.means(word, file), expected, "{from} {word} {file}");
        }
    }
    #[test]
    fn replaces_variables_by_patterns() {
        for (text, expected) in [
            ("-f env/$(ENV).yaml", "-f env/{{ENV}}.yaml"),
            ("-f env/${{ matrix.env }}/v.yaml", "-f env/{{matrix.env}}/v.yaml"),
            ("values/{{ .Environment.Name }}.yaml", "values/{{.Environment.Name}}.yaml"),
            ("a-$X-b ${Y}", "a-{{X}}-b {{Y}}"),
            ("$ROOT/a/${B}", "$ROOT/a/{{B}}"),
            ("a: {b: 1} $", "a: {b: 1} $"),
            ("{{ open", "{{ open"),
        ] {
            assert_eq!(with_patterns(text), expected, "{text}");
        }
        assert_eq!(captured("a/eu/v.yaml", "a/{{x}}/v.yaml"), Some("eu"));
        assert_eq!(captured("a/v.yaml", "a/v.yaml"), Some(""));
        assert_eq!(captured("b/eu/v.yaml", "a/{{x}}/v.yaml"), None);
    }
}
