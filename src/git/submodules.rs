//! The files of submodules whose commits this repository has.
//!
//! `git submodule update` keeps the objects of submodules below the git folder of the repository.
//! Nothing in a commit decides where they are looked for.

use git2::{Oid, Repository};
use std::fs;
use std::path::Path;

/// Submodules may have submodules.
const MAX_DEPTH: usize = 8;

/// Makes the objects of all submodules readable as those of the repository.
pub fn add_objects(repository: &Repository) {
    add_below(repository, &repository.commondir().join("modules"), MAX_DEPTH);
}

fn add_below(repository: &Repository, folder: &Path, depth: usize) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    for folder in folders {
        let objects = folder.join("objects");
        let is_repository = folder.join("HEAD").is_file() && objects.is_dir();
        if is_repository && let Some(path) = objects.to_str() {
            // If they cannot be read, the submodule is skipped as others are.
            let _ = repository.odb().and_then(|odb| odb.add_disk_alternate(path));
        }
        let inner = if is_repository { folder.join("modules") } else { folder };
        if depth > 0 {
            add_below(repository, &inner, depth - 1);
        }
    }
}

/// The root tree of a submodule's commit, if its objects are there.
pub fn find_root(repository: &Repository, commit: Oid) -> Option<Oid> {
    Some(repository.find_commit(commit).ok()?.tree_id())
}
