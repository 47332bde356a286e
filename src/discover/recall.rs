//! What files were in the last commit: a file that was Refinery's then is still checked, even if it
//! is now empty or too broken to recognise.

use super::candidate::{Candidate, State};
use super::items::{Found, Item, Search};
use crate::git::repository::{Version, find_commit, find_head};
use crate::git::snapshot::Snapshot;
use crate::git::trees::GitTrees;
use crate::sniff::classify::{FileClass, classify};
use crate::sniff::file_name::is_copy;
use crate::vfs::Vfs;
use crate::vfs::decode::decode;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join};
use git2::{Oid, Repository};
use std::collections::VecDeque;
use std::path::Path;

impl Found {
    /// Looks up what candidates were in the commit before the checked state, if any.
    pub fn recall(&mut self, repository: &Repository, version: &Version) {
        let Some(root) = before(repository, version) else { return };
        let trees = GitTrees::new(repository);
        let state = Snapshot::new(repository, &trees, root, "the last commit");
        for candidate in self.candidates.iter_mut().filter(|it| !is_copy(&it.name)) {
            candidate.was =
                class(&state, &candidate.name).or_else(|| class_behind(&state, candidate));
        }
    }
}

fn class(state: &dyn Vfs, name: &str) -> Option<FileClass> {
    let bytes = state.read(Path::new(name), name).ok()?;
    let format = format_of(name);
    classify(format, &decode(bytes, format).text)
}

/// What a file of Refinery was in the folder that a link led to, if one was.
fn class_behind(state: &dyn Vfs, candidate: &Candidate) -> Option<FileClass> {
    let files = (candidate.state == State::Outside).then(|| files_in(state, &candidate.name))?;
    let mut classes = files.iter().filter_map(|file| class(state, file));
    classes.find(|class| matches!(class, FileClass::Refinery(_)))
}

/// The most entries that are looked at behind a link, which may lead to itself.
const MOST: usize = 2000;

/// The files in a folder.
fn files_in(state: &dyn Vfs, folder: &str) -> Vec<String> {
    let (mut folders, mut files, mut seen) = (VecDeque::from([folder.to_owned()]), Vec::new(), 0);
    while let Some(folder) = folders.pop_front().filter(|_| seen < MOST) {
        for name in state.names(Path::new(&folder)) {
            seen += 1;
            let path = join(&folder, &name);
            if state.is_folder(Path::new(&path)) {
                folders.push_back(path);
            } else if format_of(&path).is_some() {
                files.push(path);
            }
        }
    }
    files
}

impl Search<'_> {
    /// Adds files that were Refinery's in an earlier state and still exist, but are no longer
    /// recognised, and links that no longer lead to such files.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn adopt(
        &self,
        found: &mut Found,
        was: &Found,
        earlier: &dyn Vfs,
    ) -> Result<(), InputError> {
        for candidate in found.candidates.iter_mut().filter(|candidate| candidate.was.is_none()) {
            candidate.was = class_behind(earlier, candidate);
        }
        for item in &was.items {
            let known = found.items.iter().position(|known| known.name == item.name);
            match known.and_then(|place| Some((place, found.items.get(place)?))) {
                // A config that is now nested under a key is not a container file.
                Some((place, now)) if was_half(item) && is_container(now) => {
                    let candidate = self.candidate(&item.name)?;
                    if candidate.as_ref().is_none_or(|candidate| !candidate.is_wrapped()) {
                        continue;
                    }
                    found.items.remove(place);
                    found.candidates.extend(candidate);
                }
                Some(_) => continue,
                None if (self.exclude)(&item.name).is_some() => continue,
                None => {}
            }
            if !found.candidates.iter().any(|candidate| candidate.name == item.name) {
                found.candidates.extend(self.candidate(&item.name)?);
            }
            for candidate in found.candidates.iter_mut().filter(|c| c.name == item.name) {
                candidate.was = Some(item.class);
            }
        }
        found.settle();
        Ok(())
    }
}

fn was_half(item: &Item) -> bool {
    matches!(item.class, FileClass::Refinery(_))
}

fn is_container(item: &Item) -> bool {
    item.class == FileClass::Container
}

/// The root of the commit before a state.
fn before(repository: &Repository, version: &Version) -> Option<Oid> {
    match version {
        Version::WorkTree | Version::Staged => Some(find_head(repository).ok()??.tree_id()),
        Version::Revision(revision) => {
            Some(find_commit(repository, revision).ok()?.parent(0).ok()?.tree_id())
        }
    }
}
