//! Paths as reports name them, and their parts as the engine sees them.
//!
//! Pure text: must not ask the file system anything.

use crate::syntax::DataFormat;
use std::path::{Component, Path, PathBuf};

/// The path as it was given, with `/` between folders and without a leading `./`.
pub fn name_of(path: &Path) -> String {
    let mut name = String::new();
    for component in path.components() {
        match component {
            Component::CurDir => continue,
            Component::RootDir => {}
            _ if name.is_empty() || name.ends_with('/') => {}
            _ => name.push('/'),
        }
        match component {
            Component::RootDir => name.push('/'),
            other => name.push_str(&other.as_os_str().to_string_lossy()),
        }
    }
    if name.is_empty() { ".".to_owned() } else { name }
}

/// The path without a way into a folder and out again.
pub fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for component in path.components() {
        let last = tidy.components().next_back();
        match component {
            Component::ParentDir if matches!(last, Some(Component::Normal(_))) => {
                tidy.pop();
            }
            other => tidy.push(other),
        }
    }
    tidy
}

/// The folder part, empty where there is none, and the file's own name.
pub fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

/// The file's own name in front of its last dot, and what is behind it.
pub fn split_extension(name: &str) -> (&str, &str) {
    let (_, file) = split(name);
    file.rsplit_once('.').unwrap_or((file, ""))
}

/// The language that the engine takes the file for; a name such as `.yaml` has an extension too.
pub fn format_of(name: &str) -> Option<DataFormat> {
    DataFormat::of_extension(split_extension(name).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_but_for_a_leading_dot() {
        for (path, name) in [
            (".", "."),
            ("./deploy/config.yaml", "deploy/config.yaml"),
            ("deploy//config.yaml", "deploy/config.yaml"),
            ("../x/./y.yaml", "../x/y.yaml"),
            ("/etc/refinery/rules.yaml", "/etc/refinery/rules.yaml"),
            ("deploy/", "deploy"),
            ("/", "/"),
        ] {
            assert_eq!(name_of(Path::new(path)), name, "{path}");
        }
    }

    #[test]
    fn ways_in_and_out_are_left_out() {
        for (path, expected) in [
            ("a/../b", "b"),
            ("../a/b/../../c", "../c"),
            ("../../a", "../../a"),
            ("/a/../b", "/b"),
            ("a/b", "a/b"),
        ] {
            assert_eq!(tidy(Path::new(path)), Path::new(expected), "{path}");
        }
    }

    #[test]
    fn an_extension_is_one_of_eight_spellings() {
        for name in ["a.yaml", "a.yml", "a.YAML", "d.x/a.b.YML", ".yaml", "a.toml", "a.JSON"] {
            assert!(format_of(name).is_some(), "{name}");
        }
        for name in ["a.Yaml", "a", "a.yaml.tpl", "d.yaml/a", "a.", "a.conf"] {
            assert!(format_of(name).is_none(), "{name}");
        }
    }
}
