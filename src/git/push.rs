//! The commits that a push sends, from the input of git's `pre-push` hook.
//!
//! Must not contact a remote: this uses only what the repository knows about it.

use super::repository::{Since, repository_error};
use crate::vfs::input_error::{InputError, InputProblem};
use git2::{Commit, ErrorCode, Oid, Repository};

/// A commit that is about to be pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The short name of the ref, such as `main`.
    pub name: String,
    /// The id of the commit, in hexadecimal.
    pub tip: String,
    /// The base from which its changes are new to the remote.
    pub since: Since,
}

/// Parses lines of `<local ref> <local id> <remote ref> <remote id>`. Deleted refs, and tags of
/// anything but a commit, are left out.
///
/// # Errors
/// A line is invalid, or the repository cannot be read.
pub fn read_pushed(
    repository: &Repository,
    lines: &str,
    remote: Option<&str>,
) -> Result<Vec<Pushed>, InputError> {
    let default = remote.and_then(|remote| default_branch(repository, remote));
    let mut pushed: Vec<Pushed> = Vec::new();
    for line in lines.lines().filter(|line| !line.is_empty()) {
        let (name, local, old) = parse(line).ok_or_else(|| not_a_push(line))?;
        let tip = if local.is_zero() { None } else { find(repository, local)? };
        let Some(tip) = tip else { continue };
        // What the remote has now; for a new branch, the remote's default branch.
        let known = if old.is_zero() { None } else { find(repository, old)? };
        let bases = [known.map(|commit| commit.id()), default];
        let base =
            bases.into_iter().flatten().find(|base| repository.merge_base(*base, tip.id()).is_ok());
        let since = base.map_or(Since::Nothing, |base| Since::MergeBase(base.to_string()));
        let is_known = |other: &Pushed| other.tip == tip.id().to_string() && other.since == since;
        if !pushed.iter().any(is_known) {
            pushed.push(Pushed { name: name.to_owned(), tip: tip.id().to_string(), since });
        }
    }
    Ok(pushed)
}

/// The short name, the new id and the id that the remote has.
fn parse(line: &str) -> Option<(&str, Oid, Oid)> {
    // The local ref may be any revision, and contain spaces.
    let mut words = line.rsplitn(4, ' ');
    let (old, remote, new, local) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let name = if local.starts_with("refs/") { local } else { remote };
    let short = ["refs/heads/", "refs/tags/", "refs/"].iter().find_map(|p| name.strip_prefix(p));
    // `from_str` accepts abbreviated ids, too.
    let id = |text: &str| Oid::from_str(text).ok().filter(|_| text.len() >= 40);
    Some((short.unwrap_or(name), id(new)?, id(old)?))
}

/// `None` if the object is missing, or does not lead to a commit.
fn find(repository: &Repository, id: Oid) -> Result<Option<Commit<'_>>, InputError> {
    match repository.find_object(id, None) {
        Ok(object) => Ok(object.peel_to_commit().ok()),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(repository_error(&error)),
    }
}

/// The default branch of a remote, as of the last fetch.
fn default_branch(repository: &Repository, remote: &str) -> Option<Oid> {
    let head = repository.find_reference(&format!("refs/remotes/{remote}/HEAD")).ok()?;
    head.peel_to_commit().ok().map(|commit| commit.id())
}

fn not_a_push(line: &str) -> InputError {
    InputError::new(
        InputProblem::Repository,
        format!("expected `<local ref> <local id> <remote ref> <remote id>`, found `{line}`"),
        "git passes such lines to a `pre-push` hook; `hook run --hook pre-push` reads them from \
         standard input",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_from_git_are_parsed() {
        let (new, old) = ("1".repeat(40), "0".repeat(40));
        for (local, remote, name) in [
            ("refs/heads/main", "refs/heads/other", "main"),
            ("refs/heads/a/b", "refs/heads/a/b", "a/b"),
            ("refs/tags/v1", "refs/tags/v1", "v1"),
            ("HEAD~1", "refs/heads/main", "main"),
            ("HEAD^{/a b}", "refs/heads/main", "main"),
            ("(delete)", "refs/heads/main", "main"),
        ] {
            let line = format!("{local} {new} {remote} {old}");
            let (short, tip, base) = parse(&line).unwrap();
            assert_eq!(
                (short, tip.to_string(), base.is_zero()),
                (name, new.clone(), true),
                "{line}"
            );
        }
        for line in ["", "x", "a b c d", "refs/heads/main 1"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
