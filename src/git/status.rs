//! The git status of files: staged, changed since, or untracked.

use super::repository::{find_head, here, locate, repository_error};
use crate::vfs::input_error::InputError;
use git2::{DiffOptions, Repository};
use std::path::{Path, PathBuf};

/// Whether all these files are staged and the work tree has no unstaged changes. That is so while
/// the pre-commit framework runs hooks for a commit: it stashes unstaged changes.
///
/// # Errors
/// The index or the work tree cannot be read.
pub fn are_staged_and_clean(
    repository: &Repository,
    files: &[PathBuf],
) -> Result<bool, InputError> {
    let fail = |error: git2::Error| repository_error(&error);
    let tree = find_head(repository)?.map(|head| head.tree()).transpose().map_err(fail)?;
    let staged = repository.diff_tree_to_index(tree.as_ref(), None, None).map_err(fail)?;
    let is_staged = |file: &PathBuf| {
        staged.deltas().any(|delta| delta.new_file().path() == Some(file.as_path()))
    };
    Ok(files.iter().all(is_staged) && is_work_tree_clean(repository)?)
}

/// Whether the work tree equals the index. Untracked files are ignored.
///
/// # Errors
/// The index or the work tree cannot be read.
pub fn is_work_tree_clean(repository: &Repository) -> Result<bool, InputError> {
    let mut options = DiffOptions::new();
    options.ignore_submodules(true);
    let changed = repository.diff_index_to_workdir(None, Some(&mut options));
    Ok(changed.map_err(|error| repository_error(&error))?.deltas().len() == 0)
}

/// Whether git tracks this file. The path is relative to the root.
pub fn is_tracked(repository: &Repository, file: &Path) -> bool {
    repository.index().is_ok_and(|index| index.get_path(file, 0).is_some())
}

/// Given paths, relative to the root of the work tree.
///
/// # Errors
/// One of them is outside.
pub fn relative_to_root(
    repository: &Repository,
    files: &[PathBuf],
) -> Result<Vec<PathBuf>, InputError> {
    let here = here(repository);
    files.iter().map(|file| locate(repository, &here, file)).collect()
}
