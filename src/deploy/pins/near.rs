//! Files near a deployment that may pin its release, and whether they refer to its files.

use crate::vfs::path::{join, split, split_extension};
use crate::vfs::{Skip, Vfs};
use std::path::Path;

/// The maximum numbers of parent folders, of subfolders of each, and of files.
const MOST_FOLDERS_ABOVE: usize = 6;
const MOST_FOLDERS_BESIDE: usize = 40;
const MOST_FILES: usize = 400;

/// The folder of workflows, whose paths are relative to the root of the repository.
const WORKFLOWS: &str = ".github/workflows";

/// A nearby file that mentions Refinery.
pub struct NearFile {
    pub name: String,
    pub text: String,
}

/// All nearby files that may pin a release: in the folder of a file and its parents up to the root
/// of the repository, and in the subfolders of these.
pub fn near_files(store: &dyn Vfs, file: &str) -> Vec<NearFile> {
    let mut folders: Vec<String> = Vec::new();
    let mut add = |folder: String| {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    };
    for folder in folders_above(store, split(file).0) {
        let inner = store.names(Path::new(&folder));
        let inner = inner.iter().filter(|name| Skip::of_name(name, false).is_none());
        let inner: Vec<String> = inner
            .map(|name| join(&folder, name))
            .filter(|path| store.is_folder(Path::new(path)))
            .take(MOST_FOLDERS_BESIDE)
            .collect();
        let workflows = join(&folder, WORKFLOWS);
        add(folder);
        inner.into_iter().for_each(&mut add);
        add(workflows);
    }
    let mut files = Vec::new();
    for folder in &folders {
        for name in store.names(Path::new(folder)).iter().filter(|name| may_pin(name)) {
            let path = join(folder, name);
            let Ok(bytes) = store.head(Path::new(&path), &path) else { continue };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if text.contains("efinery") && files.len() < MOST_FILES {
                files.push(NearFile { name: path, text });
            }
        }
    }
    files
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

/// Whether a file of this name may pin a release.
fn may_pin(name: &str) -> bool {
    const EXTENSIONS: [&str; 12] = [
        "yaml",
        "yml",
        "gotmpl",
        "tf",
        "hcl",
        "nomad",
        "sh",
        "bash",
        "service",
        "container",
        "mk",
        "dockerfile",
    ];
    const NAMES: [&str; 5] = ["Makefile", "justfile", "Justfile", "Jenkinsfile", "fly.toml"];
    let (_, extension) = split_extension(name);
    EXTENSIONS.contains(&extension)
        || NAMES.contains(&name)
        || ["Dockerfile", "Containerfile"].iter().any(|start| name.starts_with(start))
}

impl NearFile {
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

    fn reaches(&self, word: &str, file: &str) -> bool {
        let folder = match self.folder().strip_suffix(WORKFLOWS) {
            Some(top) => top.trim_end_matches('/'),
            None => self.folder(),
        };
        let path = join(folder, word);
        fits(file, &path) || file.strip_prefix(&path).is_some_and(|rest| rest.starts_with('/'))
    }
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
            let near = NearFile { name: from.to_owned(), text: String::new() };
            assert_eq!(near.means(word, file), expected, "{from} {word} {file}");
        }
    }
}
