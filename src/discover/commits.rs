//! Walks the main line of a repository: the deployments that each commit changed.
//!
//! The main line follows first parents, so a merged branch counts from its merge. Must not check.

use super::Request;
use super::changed::{Changed, Memory, compare_states};
use crate::git::commits::{Commit, first_parents};
use crate::git::repository::open;
use crate::git::snapshot::Snapshot;
use crate::git::time::GitTime;
use crate::git::trees::{GitTrees, empty_tree};
use crate::vfs::input_error::InputError;

/// The result of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitWalk {
    /// Whether the clone is shallow, so that its first commits are missing.
    pub shallow: bool,
}

/// Walks the main line, oldest commit first, up to a revision and a time. `visit` gets every commit
/// and what it changed.
///
/// # Errors
/// The repository cannot be read.
pub fn walk_line<E: From<InputError>>(
    request: &Request,
    until: Option<GitTime>,
    visit: &mut dyn FnMut(Commit, Changed) -> Result<(), E>,
) -> Result<CommitWalk, E> {
    let repository = open()?;
    let trees = GitTrees::new(&repository);
    let memory = Memory::new(&trees);
    let mut before = empty_tree()?;
    for (commit, after) in first_parents(&repository, &request.version, until)?.into_iter().rev() {
        let changed = if before == after {
            Changed::default()
        } else {
            let state = |root| Snapshot::new(&repository, &trees, root, "this commit");
            compare_states(request, [state(before), state(after)], &memory, None)?
        };
        visit(commit, changed)?;
        before = after;
    }
    Ok(CommitWalk { shallow: repository.is_shallow() })
}
