//! The first-parent history of a repository, and the clock.

use super::repository::{Version, find_commit};
use super::time::GitTime;
use crate::vfs::input_error::InputError;
use git2::{Oid, Repository};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use std::time::{SystemTime, UNIX_EPOCH};

/// A commit as reports show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// In hexadecimal.
    pub id: String,
    pub author: String,
    pub subject: String,
    /// The commit date.
    pub time: GitTime,
}

/// The first-parent history of a version up to a time, newest first, each commit with the id of
/// its root tree.
///
/// # Errors
/// There is no such revision.
pub fn first_parents(
    repository: &Repository,
    version: &Version,
    until: Option<GitTime>,
) -> Result<Vec<(Commit, Oid)>, InputError> {
    let tip = match version {
        Version::Revision(revision) => revision,
        Version::WorkTree | Version::Staged => "HEAD",
    };
    let tip = find_commit(repository, tip)?;
    let line = std::iter::successors(Some(tip), |commit| commit.parent(0).ok());
    let is_late =
        |commit: &git2::Commit<'_>| until.is_some_and(|until| time(commit).seconds > until.seconds);
    let line = line.skip_while(is_late);
    Ok(line.map(|commit| (describe(&commit), commit.tree_id())).collect())
}

fn describe(commit: &git2::Commit<'_>) -> Commit {
    Commit {
        id: commit.id().to_string(),
        author: String::from_utf8_lossy(commit.author().name_bytes()).into_owned(),
        subject: subject(&String::from_utf8_lossy(commit.message_bytes())),
        time: time(commit),
    }
}

fn subject(message: &str) -> String {
    message.trim_start().lines().next().unwrap_or_default().trim_end().to_owned()
}

fn time(commit: &git2::Commit<'_>) -> GitTime {
    let time = commit.time();
    GitTime { seconds: time.seconds(), offset: time.offset_minutes() }
}

/// The current time.
pub fn now() -> GitTime {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    GitTime { seconds: i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX), offset: 0 }
}

/// Today's date in UTC.
pub fn today() -> Date {
    Offset::UTC.to_datetime(Timestamp::now()).date()
}
