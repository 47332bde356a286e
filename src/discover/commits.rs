//! The main line of a repository, commit by commit: what each changed of what a request names.
//!
//! The main line follows first parents, so that a merged branch counts from the day on which it was
//! merged. Must not judge.

use super::Request;
use super::changed::{Changed, Memory, compare_states};
use crate::git::commits::{Commit, first_parents};
use crate::git::moment::Moment;
use crate::git::repository::open;
use crate::git::snapshot::Snapshot;
use crate::git::trees::{GitTrees, empty_tree};
use crate::vfs::input_error::InputError;

/// The line as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its beginning is not in this repository.
    pub shallow: bool,
}

/// Walks the main line, oldest commit first, up to a revision and a moment. The visitor learns of
/// every commit, and of what it changed.
///
/// # Errors
/// The repository cannot be read.
pub fn walk_line<E: From<InputError>>(
    request: &Request,
    until: Option<Moment>,
    visit: &mut dyn FnMut(Commit, Changed) -> Result<(), E>,
) -> Result<Line, E> {
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
    Ok(Line { shallow: repository.is_shallow() })
}
