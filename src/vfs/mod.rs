//! Where bytes come from: the one trait by which all that holds files is read, bounded reading, the
//! folders outside of which nothing is read, standard input and environment files.
//!
//! With `git` and `rehearse/host` the only module that touches files or the process's environment.
//! Must not know Refinery.

pub mod boundary;
pub mod decode;
pub mod environment;
pub mod input_error;
pub mod path;
pub mod read;
pub mod without;
pub mod write;

use input_error::InputError;
use std::path::{Path, PathBuf};

/// Files and folders by the paths that people give: on the disk, staged, or in a revision.
pub trait Vfs {
    fn is_folder(&self, path: &Path) -> bool;

    /// Is this the top folder of a repository, above which nothing belongs to it?
    fn is_top(&self, folder: &Path) -> bool;

    /// The names of all that is in a folder, sorted; none where there is no such folder.
    fn names(&self, folder: &Path) -> Vec<String>;

    /// Finds the files in a folder whose own names are wanted, in the order of their names.
    ///
    /// # Errors
    /// A folder cannot be read.
    fn walk(&self, root: &Path, is_wanted: fn(&str) -> bool) -> Result<Walk, InputError>;

    /// Reads a whole file, which messages call `name`.
    ///
    /// # Errors
    /// It is missing, unreadable, too large, no file, or outside of what may be read.
    fn read(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError>;

    /// Reads the beginning of a file, of whatever size: at most [`read::HEAD`] bytes.
    ///
    /// # Errors
    /// As those of [`Self::read`], but for its size.
    fn head(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError>;
}

/// The id of a file's bytes.
pub type ContentId = [u8; 20];

/// What a walk has passed.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// The wanted files.
    pub files: Vec<WalkedFile>,
    /// Folders that were not entered, by name.
    pub skipped: Vec<(String, Skip)>,
    /// One line each: what could not be respected.
    pub notices: Vec<String>,
}

/// A wanted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkedFile {
    pub path: PathBuf,
    pub name: String,
    /// The same for the same bytes, where the store keeps such ids.
    pub id: Option<ContentId>,
    /// It is a symbolic link that leads out of what may be read, or nowhere.
    pub leads_out: bool,
}

/// Why a folder is not entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Its name begins with a dot, and it is no part of a repository.
    Hidden,
    /// A tool keeps its state in it.
    Tool,
    /// It holds what others wrote or what a build made.
    Vendored,
    /// Git ignores it.
    Ignored,
    /// It is another repository.
    Submodule,
}

impl Skip {
    pub fn reason(self) -> &'static str {
        match self {
            Self::Hidden => "hidden folder",
            Self::Tool => "folder of a tool",
            Self::Vendored => "folder of dependencies or build output",
            Self::Ignored => "ignored by git",
            Self::Submodule => "submodule",
        }
    }

    /// Why a folder of this name is not entered, if it is not. Hidden ones are entered where they are a
    /// part of a repository, but for those that are known to hold the state of some tool.
    pub fn of_name(name: &str, is_in_repository: bool) -> Option<Self> {
        const TOOLS: [&str; 22] = [
            ".git",
            ".hg",
            ".svn",
            ".jj",
            ".terraform",
            ".terragrunt-cache",
            ".venv",
            ".virtualenv",
            ".tox",
            ".nox",
            ".cache",
            ".mypy_cache",
            ".pytest_cache",
            ".ruff_cache",
            ".npm",
            ".yarn",
            ".pnpm-store",
            ".cargo",
            ".rustup",
            ".gradle",
            ".m2",
            ".direnv",
        ];
        const VENDORED: [&str; 7] = [
            "node_modules",
            "vendor",
            "third_party",
            "target",
            "bower_components",
            "site-packages",
            "__pycache__",
        ];
        if TOOLS.contains(&name) {
            Some(Self::Tool)
        } else if name.starts_with('.') {
            Some(Self::Hidden).filter(|_| !is_in_repository)
        } else {
            VENDORED.contains(&name).then_some(Self::Vendored)
        }
    }
}
