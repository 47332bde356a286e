//! What git would say of files: staged, changed since, or not its own.

use super::repository::{find_head, here, locate, trouble};
use crate::vfs::input_error::InputError;
use git2::{DiffOptions, Repository};
use std::path::{Path, PathBuf};

/// Are these files about to be committed just as they lie in the work tree, where nothing is changed
/// that is not staged? So it is while the pre-commit framework runs hooks for a commit: it puts
/// unstaged changes away.
///
/// # Errors
/// The index or the work tree cannot be read.
pub fn are_staged_as_they_lie(
    repository: &Repository,
    files: &[PathBuf],
) -> Result<bool, InputError> {
    let fail = |error: git2::Error| trouble(&error);
    let tree = find_head(repository)?.map(|head| head.tree()).transpose().map_err(fail)?;
    let staged = repository.diff_tree_to_index(tree.as_ref(), None, None).map_err(fail)?;
    let is_staged = |file: &PathBuf| {
        staged.deltas().any(|delta| delta.new_file().path() == Some(file.as_path()))
    };
    Ok(files.iter().all(is_staged) && is_work_tree_clean(repository)?)
}

/// Is the work tree as the index has it? Files that git does not know do not count.
///
/// # Errors
/// The index or the work tree cannot be read.
pub fn is_work_tree_clean(repository: &Repository) -> Result<bool, InputError> {
    let mut options = DiffOptions::new();
    options.ignore_submodules(true);
    let changed = repository.diff_index_to_workdir(None, Some(&mut options));
    Ok(changed.map_err(|error| trouble(&error))?.deltas().len() == 0)
}

/// Does git track this file, which is seen from the top?
pub fn is_tracked(repository: &Repository, file: &Path) -> bool {
    repository.index().is_ok_and(|index| index.get_path(file, 0).is_some())
}

/// Files that people name, as seen from the top of the work tree.
///
/// # Errors
/// One of them lies outside.
pub fn from_top(repository: &Repository, files: &[PathBuf]) -> Result<Vec<PathBuf>, InputError> {
    let here = here(repository);
    files.iter().map(|file| locate(repository, &here, file)).collect()
}
