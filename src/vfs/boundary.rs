//! The folders that may be read.
//!
//! Links, mounts and settings come from untrusted files and may point anywhere.

use super::input_error::{InputError, InputProblem};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Folders that may be read, including everything in them.
#[derive(Debug, Default)]
pub struct Boundary {
    /// Canonical paths.
    roots: Vec<PathBuf>,
    /// Paths given on the command line: they may be read wherever they are.
    named: Vec<PathBuf>,
    /// Answers for folders, by the path that each was reached by.
    folders: RefCell<HashMap<PathBuf, bool>>,
}

impl Boundary {
    /// Allows the repositories that contain these paths and the current folder; without a
    /// repository, the folders themselves. The paths themselves may be anywhere.
    pub fn around(paths: &[PathBuf]) -> Self {
        let here = PathBuf::from(".");
        let mut roots: Vec<PathBuf> = paths.iter().chain([&here]).filter_map(|p| root(p)).collect();
        roots.sort();
        roots.dedup();
        Self { roots, named: paths.to_vec(), folders: RefCell::default() }
    }

    /// Whether this file may be read. A missing file may: reading it fails anyway.
    pub fn allows(&self, path: &Path) -> bool {
        if self.named.iter().any(|named| named == path) {
            return true;
        }
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        self.allows_folder(parent) && (!path.is_symlink() || self.allows_target(path))
    }

    fn allows_folder(&self, folder: &Path) -> bool {
        if let Some(&known) = self.folders.borrow().get(folder) {
            return known;
        }
        let allows = self.allows_target(folder);
        self.folders.borrow_mut().insert(folder.to_owned(), allows);
        allows
    }

    fn allows_target(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| self.roots.iter().any(|root| path.starts_with(root)))
            || !path.exists()
    }
}

/// The canonical root of the repository that contains a path; without one, the path's folder.
fn root(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    let folder = if path.is_dir() { &*path } else { path.parent()? };
    let top = folder.ancestors().find(|folder| folder.join(".git").exists());
    Some(top.unwrap_or(folder).to_owned())
}

/// The error for a path that may not be read. It reveals nothing about the target.
pub fn outside(name: &str) -> InputError {
    InputError::new(
        InputProblem::Outside,
        format!("`{name}` is outside the checked repository or folder, so it is not read"),
        "move the file into the repository, or pass it on the command line",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_boundary_are_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        for inner in ["in/.git", "in/a", "out"] {
            std::fs::create_dir_all(top.join(inner)).unwrap();
        }
        for file in ["in/x", "in/a/y", "out/z"] {
            std::fs::write(top.join(file), "").unwrap();
        }
        let link = |to: &str, at: &str| std::os::unix::fs::symlink(to, top.join(at)).unwrap();
        link("../out/z", "in/away");
        link("a/y", "in/stays");
        link("../out", "in/folder");
        link("nowhere", "in/dangling");
        let boundary = Boundary::around(&[top.join("in/a")]);
        for (path, allows) in [
            ("in/x", true),
            ("in/a/y", true),
            ("in/stays", true),
            ("in/dangling", true),
            ("in/missing", true),
            ("in/missing/deeper", true),
            ("in/away", false),
            ("in/folder/z", false),
            ("in/a/../../out/z", false),
            ("out/z", false),
        ] {
            assert_eq!(boundary.allows(&top.join(path)), allows, "{path}");
        }
        assert!(
            Boundary::around(&[top.join("out/z")]).allows(&top.join("out/z")),
            "named on the command line"
        );
    }
}
