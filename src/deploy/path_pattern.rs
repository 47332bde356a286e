//! Paths with patterns or variables, and what they may mean in the repository.

use super::loader::Loader;
use super::near::{places, with_patterns};
use crate::vfs::path::{join, split_extension};
use globset::Glob;

/// The maximum number of files or folders that match.
const MOST: usize = 500;

/// The files and folders that match a glob, part by part.
pub fn matching(glob: &str, loader: &Loader<'_>) -> Vec<String> {
    let parts: Vec<&str> = glob.split('/').collect();
    let mut found = vec![String::new()];
    for (at, part) in parts.iter().enumerate() {
        let is_last = at + 1 == parts.len();
        let below = found.iter().flat_map(|folder| {
            let names = loader.names(folder).into_iter().filter(|name| is_match(part, name));
            names.map(|name| join(folder, &name)).collect::<Vec<_>>()
        });
        found = below.filter(|path| is_last || loader.is_folder(path)).take(MOST).collect();
    }
    found
}

/// Whether a name matches a glob.
pub fn is_match(glob: &str, name: &str) -> bool {
    Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(name))
}

/// Whether a path with variables is specific enough to search for the files that it may mean.
pub fn is_searched(path: &str) -> bool {
    let glob = as_glob(path);
    let (stem, extension) = split_extension(&glob);
    glob.contains('*') && !stem.is_empty() && !extension.is_empty() && !extension.contains('*')
}

/// The files that a path with variables in a file of this folder may mean. Only names with an extension
/// count, since others may be anything.
pub fn find_files(folder: &str, path: &str, loader: &Loader<'_>) -> Vec<String> {
    if !is_searched(path) {
        return Vec::new();
    }
    let glob = as_glob(path);
    let files = |glob: String| {
        let files = matching(&glob, loader).into_iter();
        files.filter(|path| !loader.is_folder(path)).collect::<Vec<_>>()
    };
    let all = places(folder, &glob, loader.store).into_iter().map(files);
    all.into_iter().find(|files| !files.is_empty()).unwrap_or_default()
}

/// The folders that a path with variables in a file of this folder may mean.
pub fn find_folders(folder: &str, path: &str, loader: &Loader<'_>) -> Vec<String> {
    let glob = as_glob(path.trim_end_matches('/'));
    // A variable alone may be anything.
    if !glob.contains('*') || !glob.contains(|c: char| c.is_alphanumeric()) {
        return Vec::new();
    }
    let folders = matching(&join(folder, &glob), loader).into_iter();
    folders.filter(|path| loader.is_folder(path)).collect()
}

/// A path with `*` in place of each variable, except for one that begins it and stands for a folder.
fn as_glob(path: &str) -> String {
    let (mut glob, patterns) = (String::new(), with_patterns(path));
    let mut rest = patterns.as_str();
    while let Some((before, after)) = rest.split_once("{{") {
        glob.push_str(before);
        glob.push('*');
        rest = after
            .rsplit_once("}}")
            .filter(|(inside, _)| !inside.contains("{{"))
            .or_else(|| after.split_once("}}"))
            .map_or("", |(_, after)| after.trim_start_matches(['`', '}']));
    }
    glob + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_variables_by_wildcards() {
        for (path, expected) in [
            ("values/{{ .Environment.Name }}.yaml", "values/*.yaml"),
            ("values/{{`{{ .Release.Name }}`}}.yaml", "values/*.yaml"),
            ("$values/{{name}}/{{env}}.yaml", "$values/*/*.yaml"),
            ("env/$1-${REGION}.yaml", "env/*-*.yaml"),
            ("${path.module}/values/${var.env}.yaml", "${path.module}/values/*.yaml"),
            ("values.yaml", "values.yaml"),
            ("{{ open", "*"),
        ] {
            assert_eq!(as_glob(path), expected, "{path}");
        }
    }
}
