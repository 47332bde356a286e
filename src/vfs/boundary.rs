//! The folders outside of which nothing is read.
//!
//! A link, a mount or a setting may lead anywhere; whoever wrote it need not be trusted.

use super::input_error::{InputError, InputProblem};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Folders that may be read, with all that is in them.
#[derive(Debug, Default)]
pub struct Boundary {
    /// Without links.
    roots: Vec<PathBuf>,
    /// What a person named on the command line, wherever it is.
    named: Vec<PathBuf>,
    /// What is known of folders, by the paths by which they were reached.
    folders: RefCell<HashMap<PathBuf, bool>>,
}

impl Boundary {
    /// The repositories around these paths, or the folders themselves where there is none, and the
    /// same of the current folder. What is named itself may be read wherever it is.
    pub fn around(paths: &[PathBuf]) -> Self {
        let here = PathBuf::from(".");
        let mut roots: Vec<PathBuf> = paths.iter().chain([&here]).filter_map(|p| root(p)).collect();
        roots.sort();
        roots.dedup();
        Self { roots, named: paths.to_vec(), folders: RefCell::default() }
    }

    /// May this file be read? One that does not exist may: reading it fails.
    pub fn holds(&self, path: &Path) -> bool {
        if self.named.iter().any(|named| named == path) {
            return true;
        }
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        self.holds_folder(parent) && (!path.is_symlink() || self.holds_target(path))
    }

    fn holds_folder(&self, folder: &Path) -> bool {
        if let Some(&known) = self.folders.borrow().get(folder) {
            return known;
        }
        let holds = self.holds_target(folder);
        self.folders.borrow_mut().insert(folder.to_owned(), holds);
        holds
    }

    fn holds_target(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| self.roots.iter().any(|root| path.starts_with(root)))
            || !path.exists()
    }
}

/// The top of the repository around a path, else its folder; without links.
fn root(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    let folder = if path.is_dir() { &*path } else { path.parent()? };
    let top = folder.ancestors().find(|folder| folder.join(".git").exists());
    Some(top.unwrap_or(folder).to_owned())
}

/// Says that a path leads out of what may be read. Shows nothing of what is there.
pub fn outside(name: &str) -> InputError {
    InputError::new(
        InputProblem::Outside,
        format!(
            "`{name}` leads out of the repository or folder that is checked, so it is not read"
        ),
        "keep the file inside, or name it on the command line",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out() {
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
        link("nowhere", "in/dead");
        let boundary = Boundary::around(&[top.join("in/a")]);
        for (path, holds) in [
            ("in/x", true),
            ("in/a/y", true),
            ("in/stays", true),
            ("in/dead", true),
            ("in/missing", true),
            ("in/missing/deeper", true),
            ("in/away", false),
            ("in/folder/z", false),
            ("in/a/../../out/z", false),
            ("out/z", false),
        ] {
            assert_eq!(boundary.holds(&top.join(path)), holds, "{path}");
        }
        assert!(Boundary::around(&[top.join("out/z")]).holds(&top.join("out/z")), "it is named");
    }
}
