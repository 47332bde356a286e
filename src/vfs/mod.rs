//! Where bytes come from: the trait through which every state of the files is read, bounded
//! reading, the folders that may be read, standard input and env files.
//!
//! With `git` and `rehearse/host` the only module that touches files or the process's environment.
//! Must not know Refinery.

pub mod boundary;
pub mod decode;
pub mod environment;
pub mod filtered;
pub mod input_error;
pub mod path;
pub mod read;

pub mod write;

use crate::notice::Notice;
use input_error::InputError;
use std::path::{Path, PathBuf};

/// Files and folders by path: on the disk, staged, or in a revision.
pub trait Vfs {
    fn is_folder(&self, path: &Path) -> bool;

    /// Whether this is the root of a repository.
    fn is_top(&self, folder: &Path) -> bool;

    /// The names of all entries of a folder, sorted; empty if there is no such folder.
    fn names(&self, folder: &Path) -> Vec<String>;

    /// Finds the files in and below a folder whose names are wanted, sorted by path.
    ///
    /// # Errors
    /// A folder cannot be read.
    fn walk(&self, root: &Path, is_wanted: fn(&str) -> bool) -> Result<Walk, InputError>;

    /// Reads a whole file. Messages call it `name`.
    ///
    /// # Errors
    /// It is missing, unreadable, too large, not a file, or outside the folders that may be read.
    fn read(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError>;

    /// Reads the first [`read::HEAD`] bytes of a file of any size.
    ///
    /// # Errors
    /// As for [`Self::read`], except for its size.
    fn head(&self, path: &Path, name: &str) -> Result<Vec<u8>, InputError>;
}

/// An id of a file's content.
pub type ContentId = [u8; 20];

/// What a walk has found.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// The wanted files.
    pub files: Vec<WalkedFile>,
    /// Folders that were skipped, by name.
    pub skipped: Vec<(String, Skip)>,
    /// One line for each thing that limits the walk, such as unreadable ignore rules.
    pub notices: Vec<Notice>,
}

/// A wanted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkedFile {
    pub path: PathBuf,
    pub name: String,
    /// Equal for equal content; only where the store has such ids.
    pub id: Option<ContentId>,
    /// A symbolic link that is dangling or leads out of the folders that may be read.
    pub leads_out: bool,
}

/// Why a folder is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Its name starts with a dot, and it is outside a repository.
    Hidden,
    /// It contains the state of a tool.
    Tool,
    /// It contains dependencies or build output.
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

    /// Why a folder of this name is skipped, if it is. Hidden folders in a repository are searched,
    /// except those that are known to contain the state of a tool.
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
