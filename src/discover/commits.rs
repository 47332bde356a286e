//! The main line of a repository, commit by commit: what each changed of what a request names.
//!
//! The main line follows first parents, so that a merged branch counts from the day on which it was
//! merged. Must not judge.

use super::Request;
use super::changed::{Changed, compare_states};
use super::snapshot::Snapshot;
use super::trees::{GitTrees, empty_tree};
use crate::git::moment::Moment;
use crate::git::repository::Version;
use crate::git::repository::{find_commit, open};
use crate::vfs::input_error::InputError;
use git2::Repository;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use std::time::{SystemTime, UNIX_EPOCH};

/// A commit as people speak of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// In hexadecimal digits.
    pub id: String,
    pub author: String,
    pub subject: String,
    /// When it was committed.
    pub moment: Moment,
}

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
    let mut before = empty_tree()?;
    for commit in line(&repository, &request.version, until)?.into_iter().rev() {
        let after = commit.tree_id();
        let changed = if before == after {
            Changed::default()
        } else {
            let state = |root| Snapshot::new(&repository, &trees, root, "this commit");
            compare_states(request, [state(before), state(after)], None)?
        };
        visit(describe(&commit), changed)?;
        before = after;
    }
    Ok(Line { shallow: repository.is_shallow() })
}

/// Newest first.
fn line<'r>(
    repository: &'r Repository,
    version: &Version,
    until: Option<Moment>,
) -> Result<Vec<git2::Commit<'r>>, InputError> {
    let tip = match version {
        Version::Revision(revision) => revision,
        Version::WorkTree | Version::Staged => "HEAD",
    };
    let tip = find_commit(repository, tip)?;
    let line = std::iter::successors(Some(tip), |commit| commit.parent(0).ok());
    let is_late = |commit: &git2::Commit<'_>| {
        until.is_some_and(|until| moment(commit).seconds > until.seconds)
    };
    Ok(line.skip_while(is_late).collect())
}

fn describe(commit: &git2::Commit<'_>) -> Commit {
    Commit {
        id: commit.id().to_string(),
        author: String::from_utf8_lossy(commit.author().name_bytes()).into_owned(),
        subject: subject(&String::from_utf8_lossy(commit.message_bytes())),
        moment: moment(commit),
    }
}

fn subject(message: &str) -> String {
    message.trim_start().lines().next().unwrap_or_default().trim_end().to_owned()
}

fn moment(commit: &git2::Commit<'_>) -> Moment {
    let time = commit.time();
    Moment { seconds: time.seconds(), offset: time.offset_minutes() }
}

/// By the clock of this machine.
pub fn now() -> Moment {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment { seconds: i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX), offset: 0 }
}

/// The day by the clock of this machine, in UTC.
pub fn today() -> Date {
    Offset::UTC.to_datetime(Timestamp::now()).date()
}
