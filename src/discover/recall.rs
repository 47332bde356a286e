//! What files were in the last commit: a file that was Refinery's then is still checked, even if it
//! is now empty or too broken to recognise.

use super::candidate::State;
use super::items::{Found, Item, Search};
use crate::git::repository::{Version, find_commit, find_head};
use crate::git::snapshot::Snapshot;
use crate::git::trees::GitTrees;
use crate::sniff::classify::{FileClass, classify};
use crate::sniff::file_name::is_copy;
use crate::vfs::Vfs;
use crate::vfs::decode::decode;
use crate::vfs::input_error::InputError;
use crate::vfs::path::format_of;
use git2::{Oid, Repository};
use std::path::Path;

impl Found {
    /// Looks up what candidates were in the commit before the checked state, if any.
    pub fn recall(&mut self, repository: &Repository, version: &Version) {
        let Some(root) = before(repository, version) else { return };
        let trees = GitTrees::new(repository);
        let state = Snapshot::new(repository, &trees, root, "the last commit");
        for candidate in self.candidates.iter_mut().filter(|it| !is_copy(&it.name)) {
            let class = |name: &str| {
                let bytes = state.read(Path::new(name), name).ok()?;
                let format = format_of(name);
                classify(format, &decode(bytes, format).text)
            };
            candidate.was = class(&candidate.name).or_else(|| {
                let is_link = candidate.state == State::Outside;
                let files = is_link.then(|| files_in(&state, &candidate.name));
                let mut all = files.iter().flatten().filter_map(|file| class(file));
                all.find(|class| matches!(class, FileClass::Refinery(_)))
            });
        }
    }
}

/// The files in a folder, which may be many.
fn files_in(state: &Snapshot<'_>, folder: &str) -> Vec<String> {
    let is_file = |name: &str| format_of(name).is_some();
    let walk = state.is_folder(Path::new(folder)).then(|| state.walk(Path::new(folder), is_file));
    let files = walk.and_then(Result::ok).map(|walk| walk.files).unwrap_or_default();
    files.into_iter().map(|file| file.name).collect()
}

impl Search<'_> {
    /// Adds files that were Refinery's in an earlier state and still exist, but are no longer
    /// recognised.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn adopt(&self, found: &mut Found, was: &Found) -> Result<(), InputError> {
        for item in &was.items {
            let known = found.items.iter().position(|known| known.name == item.name);
            match known.and_then(|place| Some((place, found.items.get(place)?))) {
                // A config that is now nested under a key is no container file.
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
