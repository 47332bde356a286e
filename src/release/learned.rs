//! The releases that this run has learned from release files.
//!
//! They are known to the thread that learned them, and to those that adopt them.

use super::Release;
use super::built_in::{Evidence, built_in};
use super::facts::ReleaseFile;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    static LEARNED: RefCell<Vec<(Release, Arc<ReleaseFile>)>> = const { RefCell::new(Vec::new()) };
}

/// Makes the release of a file known from now on. A release that is proved stays as it is, and what
/// is said then is false.
#[must_use]
pub fn learn(release: Release, file: ReleaseFile) -> bool {
    if built_in(release).is_some_and(|known| known.evidence == Evidence::Proved) {
        return false;
    }
    LEARNED.with_borrow_mut(|all| {
        all.retain(|(other, _)| *other != release);
        all.push((release, Arc::new(file)));
        all.sort_by_key(|(release, _)| *release);
    });
    true
}

/// What was learned of a release.
pub fn learned(release: Release) -> Option<Arc<ReleaseFile>> {
    LEARNED.with_borrow(|all| {
        all.iter().find(|(other, _)| *other == release).map(|(_, file)| Arc::clone(file))
    })
}

/// What a thread has learned, for another one.
#[derive(Clone)]
pub struct Learned(Vec<(Release, Arc<ReleaseFile>)>);

/// What this thread has learned.
pub fn share() -> Learned {
    Learned(all())
}

impl Learned {
    /// Makes it known to this thread.
    pub fn adopt(self) {
        LEARNED.set(self.0);
    }
}

/// All of them, oldest first.
pub(super) fn all() -> Vec<(Release, Arc<ReleaseFile>)> {
    LEARNED.with_borrow(Clone::clone)
}
