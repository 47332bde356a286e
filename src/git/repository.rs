//! The repository around the current folder, its revisions, and what can be wrong with them.
//!
//! Must not read files out of it.

use crate::vfs::input_error::{InputError, InputProblem};
use git2::{Commit, ErrorCode, Oid, Repository};
use std::path::{Component, Path, PathBuf};

/// Which state of the files is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// As they lie on the disk.
    #[default]
    WorkTree,
    /// As they are staged for the next commit.
    Staged,
    /// As a commit has them.
    Revision(String),
}

impl Version {
    /// What messages call it.
    pub fn name(&self) -> String {
        match self {
            Self::WorkTree => "the work tree".to_owned(),
            Self::Staged => "what is staged".to_owned(),
            Self::Revision(revision) => format!("`{revision}`"),
        }
    }
}

/// The commit from which on changes count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// The one that is checked out; before the first commit, nothing at all.
    Head,
    /// The last one that a revision and the one that is judged have in common.
    ForkFrom(String),
    /// None at all: everything is a change.
    Nothing,
}

/// Opens it as git does, which tells its hooks by variables where it is.
///
/// # Errors
/// There is none, or it cannot be opened.
pub fn open() -> Result<Repository, InputError> {
    Repository::open_from_env().map_err(|error| match error.code() {
        ErrorCode::NotFound => InputError::new(
            InputProblem::Repository,
            "there is no git repository around the current folder",
            "run this inside of one",
        ),
        _ => trouble(&error),
    })
}

/// Says that git's own data cannot be had.
pub fn trouble(error: &git2::Error) -> InputError {
    InputError::new(
        InputProblem::Repository,
        format!("the git repository cannot be read: {}", error.message()),
        "`git status` and `git fsck` may say more",
    )
}

fn unknown(revision: &str) -> InputError {
    InputError::new(
        InputProblem::Repository,
        format!("`{revision}` is no revision that this repository has"),
        "name a branch, tag or commit; a shallow clone must fetch it first",
    )
}

/// The top folder of a revision.
///
/// # Errors
/// There is no such revision.
pub fn find_tree(repository: &Repository, revision: &str) -> Result<Oid, InputError> {
    let tree = repository.revparse_single(revision).and_then(|object| object.peel_to_tree());
    tree.map(|tree| tree.id()).map_err(|_| unknown(revision))
}

/// The commit that a revision names.
///
/// # Errors
/// There is no such revision.
pub fn find_commit<'r>(repository: &'r Repository, name: &str) -> Result<Commit<'r>, InputError> {
    let commit = repository.revparse_single(name).and_then(|object| object.peel_to_commit());
    commit.map_err(|_| unknown(name))
}

/// The commit that is checked out; none before the first one.
///
/// # Errors
/// The repository cannot be read.
pub fn find_head(repository: &Repository) -> Result<Option<Commit<'_>>, InputError> {
    match repository.head().and_then(|head| head.peel_to_commit()) {
        Ok(commit) => Ok(Some(commit)),
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch) => Ok(None),
        Err(error) => Err(trouble(&error)),
    }
}

/// The last commit that two revisions have in common.
///
/// # Errors
/// A revision does not exist, or they have nothing in common.
pub fn find_fork(repository: &Repository, one: &str, other: &str) -> Result<Oid, InputError> {
    let (a, b) = (find_commit(repository, one)?.id(), find_commit(repository, other)?.id());
    repository.merge_base(a, b).map_err(|_| {
        InputError::new(
            InputProblem::Repository,
            format!("`{one}` and `{other}` have no commit in common"),
            "a shallow clone must fetch more: `git fetch --unshallow`",
        )
    })
}

/// The current folder as seen from the top of the work tree; the top where there is none.
pub fn here(repository: &Repository) -> PathBuf {
    let inside = || {
        let here = std::env::current_dir().ok()?.canonicalize().ok()?;
        let top = repository.workdir()?.canonicalize().ok()?;
        here.strip_prefix(top).ok().map(Path::to_path_buf)
    };
    inside().unwrap_or_default()
}

/// The same of the repository around it, with `/` between folders; empty where there is none.
pub fn place_in_repository() -> String {
    let here = open().map(|repository| here(&repository)).unwrap_or_default();
    here.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

/// The way from the current folder to the top of the work tree.
///
/// # Errors
/// There is no repository.
pub fn way_up() -> Result<PathBuf, InputError> {
    let here = here(&open()?);
    Ok(here.components().fold(PathBuf::from("."), |way, _| way.join("..")))
}

/// A path that people give, as seen from the top of the work tree.
///
/// # Errors
/// It leads out of the work tree.
pub fn locate(repository: &Repository, here: &Path, path: &Path) -> Result<PathBuf, InputError> {
    let inside = if path.is_absolute() {
        let top = repository.workdir().unwrap_or(Path::new("/"));
        let canonical = top.canonicalize().unwrap_or_else(|_| top.to_owned());
        path.strip_prefix(&canonical).or_else(|_| path.strip_prefix(top)).ok().and_then(straighten)
    } else {
        straighten(&here.join(path))
    };
    inside.ok_or_else(|| {
        InputError::new(
            InputProblem::Repository,
            format!("`{}` lies outside of the git repository", path.display()),
            "name a file or folder of the repository",
        )
    })
}

/// A path without `.` and `..`; none where it leads above its beginning.
pub fn straighten(path: &Path) -> Option<PathBuf> {
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
    fn paths_are_straightened() {
        for (path, expected) in [
            (".", Some("")),
            ("a/./b/../c", Some("a/c")),
            ("a/..", Some("")),
            ("../a", None),
            ("a/../../b", None),
            ("/a", None),
        ] {
            assert_eq!(straighten(Path::new(path)).as_deref(), expected.map(Path::new), "{path}");
        }
    }
}
