//! The repository of the current folder, its revisions, and their errors.
//!
//! Must not read files from it.

use crate::vfs::input_error::{InputError, InputProblem};
use git2::{Commit, ErrorCode, Oid, Repository};
use std::path::{Component, Path, PathBuf};

/// Which state of the files is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// The files on the disk.
    #[default]
    WorkTree,
    /// The files staged for the next commit.
    Staged,
    /// The files of a commit.
    Revision(String),
}

impl Version {
    /// Its name in messages.
    pub fn name(&self) -> String {
        match self {
            Self::WorkTree => "the work tree".to_owned(),
            Self::Staged => "the staged state".to_owned(),
            Self::Revision(revision) => format!("`{revision}`"),
        }
    }
}

/// The base that changes are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// `HEAD`; before the first commit, nothing.
    Head,
    /// The merge base of a revision and the checked state.
    MergeBase(String),
    /// Nothing: everything is a change.
    Nothing,
}

/// Opens the repository as git does, including the variables that git sets for hooks.
///
/// # Errors
/// There is no repository, or it cannot be opened.
pub fn open() -> Result<Repository, InputError> {
    // Git does not hash objects again when it reads them either. `git fsck` does.
    git2::opts::strict_hash_verification(false);
    Repository::open_from_env().map_err(|error| match error.code() {
        ErrorCode::NotFound => InputError::new(
            InputProblem::Repository,
            "not a git repository (or any of the parent directories)",
            "run this command in a git repository",
        ),
        _ => repository_error(&error),
    })
}

/// The error for a repository that cannot be read.
pub fn repository_error(error: &git2::Error) -> InputError {
    InputError::new(
        InputProblem::Repository,
        format!("cannot read the git repository: {}", error.message()),
        "run `git status` and `git fsck` for details",
    )
}

fn unknown(repository: &Repository, revision: &str) -> InputError {
    const NO_COMMITS: &str = " (this repository has no commits yet)";
    let is_empty = matches!(find_head(repository), Ok(None));
    InputError::new(
        InputProblem::Repository,
        format!("unknown revision `{revision}`{}", if is_empty { NO_COMMITS } else { "" }),
        "pass a branch, tag or commit; in a shallow clone, fetch it first",
    )
}

/// The root tree of a revision.
///
/// # Errors
/// There is no such revision.
pub fn find_tree(repository: &Repository, revision: &str) -> Result<Oid, InputError> {
    let tree = repository.revparse_single(revision).and_then(|object| object.peel_to_tree());
    tree.map(|tree| tree.id()).map_err(|_| unknown(repository, revision))
}

/// The commit that a revision names.
///
/// # Errors
/// There is no such revision.
pub fn find_commit<'r>(repository: &'r Repository, name: &str) -> Result<Commit<'r>, InputError> {
    let commit = repository.revparse_single(name).and_then(|object| object.peel_to_commit());
    commit.map_err(|_| unknown(repository, name))
}

/// The commit at `HEAD`; `None` before the first commit.
///
/// # Errors
/// The repository cannot be read.
pub fn find_head(repository: &Repository) -> Result<Option<Commit<'_>>, InputError> {
    match repository.head().and_then(|head| head.peel_to_commit()) {
        Ok(commit) => Ok(Some(commit)),
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch) => Ok(None),
        Err(error) => Err(repository_error(&error)),
    }
}

/// The merge base of two revisions.
///
/// # Errors
/// A revision does not exist, or they have no common history.
pub fn find_merge_base(repository: &Repository, one: &str, other: &str) -> Result<Oid, InputError> {
    let (a, b) = (find_commit(repository, one)?.id(), find_commit(repository, other)?.id());
    repository.merge_base(a, b).map_err(|_| {
        InputError::new(
            InputProblem::Repository,
            format!("`{one}` and `{other}` have no merge base"),
            "in a shallow clone, run `git fetch --unshallow`",
        )
    })
}

/// The current folder, relative to the root of the work tree; empty without a work tree.
pub fn here(repository: &Repository) -> PathBuf {
    let inside = || {
        let here = std::env::current_dir().ok()?.canonicalize().ok()?;
        let top = repository.workdir()?.canonicalize().ok()?;
        here.strip_prefix(top).ok().map(Path::to_path_buf)
    };
    inside().unwrap_or_default()
}

/// The current folder, relative to the root of its repository, with `/` as the separator; empty
/// without a repository.
pub fn place_in_repository() -> String {
    let here = open().map(|repository| here(&repository)).unwrap_or_default();
    here.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

/// The relative path from the current folder to the root of the work tree.
///
/// # Errors
/// There is no repository.
pub fn path_to_root() -> Result<PathBuf, InputError> {
    let here = here(&open()?);
    Ok(here.components().fold(PathBuf::from("."), |way, _| way.join("..")))
}

/// A given path, relative to the root of the work tree.
///
/// # Errors
/// It is outside the work tree.
pub fn locate(repository: &Repository, here: &Path, path: &Path) -> Result<PathBuf, InputError> {
    let inside = if path.is_absolute() {
        let top = repository.workdir().unwrap_or(Path::new("/"));
        let canonical = top.canonicalize().unwrap_or_else(|_| top.to_owned());
        path.strip_prefix(&canonical).or_else(|_| path.strip_prefix(top)).ok().and_then(normalize)
    } else {
        normalize(&here.join(path))
    };
    inside.ok_or_else(|| {
        InputError::new(
            InputProblem::Repository,
            format!("`{}` is outside the git repository", path.display()),
            "pass a file or folder in the repository",
        )
    })
}

/// A path without `.` and `..`; `None` if it leads above where it starts.
pub fn normalize(path: &Path) -> Option<PathBuf> {
    let mut straight = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => straight.push(name),
            Component::CurDir => {}
            Component::ParentDir if straight.pop() => {}
            _ => return None,
        }
    }
    Some(straight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalized() {
        for (path, expected) in [
            (".", Some("")),
            ("a/./b/../c", Some("a/c")),
            ("a/..", Some("")),
            ("../a", None),
            ("a/../../b", None),
            ("/a", None),
        ] {
            assert_eq!(normalize(Path::new(path)).as_deref(), expected.map(Path::new), "{path}");
        }
    }
}
