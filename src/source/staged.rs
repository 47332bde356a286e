//! The index as folders, each with the id that git would give it.
//!
//! The ids tell in one glance which folders a commit has just so. Nothing is written: git itself
//! makes these objects when it commits. Must not read a file's content.

use super::input_error::{InputError, InputProblem};
use super::trees::{Entry, Kind};
use git2::{IndexEntry, ObjectType, Oid, Repository};
use std::collections::HashMap;

/// Flags of an entry: which side of a conflict it is, and `git add --intent-to-add`.
const STAGE: u16 = 0x3000;
const INTENT_TO_ADD: u16 = 1 << 13;
const FOLDER: u32 = 0o040_000;

/// All that is staged.
#[derive(Default)]
pub struct Staged {
    pub folders: HashMap<Oid, Vec<Entry>>,
}

impl Staged {
    /// Reads the index; gives the id of its top folder too.
    ///
    /// # Errors
    /// It cannot be read, or holds a conflict.
    pub fn read(repository: &Repository) -> Result<(Self, Oid), InputError> {
        let index = repository.index().map_err(|error| unreadable(&error))?;
        let is_there = |entry: &IndexEntry| entry.flags_extended & INTENT_TO_ADD == 0;
        let mut entries: Vec<IndexEntry> = index.iter().filter(is_there).collect();
        if let Some(entry) = entries.iter().find(|entry| entry.flags & STAGE != 0) {
            return Err(in_conflict(&String::from_utf8_lossy(&entry.path)));
        }
        // Where the file system does not tell cases apart, the index is sorted otherwise.
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let mut staged = Self::default();
        let root = staged.fold(&entries, 0).map_err(|error| unreadable(&error))?;
        Ok((staged, root))
    }

    /// Makes one folder of entries that share the first `skip` bytes of their paths. Their order is
    /// that of a tree object.
    fn fold(&mut self, entries: &[IndexEntry], skip: usize) -> Result<Oid, git2::Error> {
        let (mut listed, mut object) = (Vec::new(), Vec::new());
        let mut rest = entries;
        while let Some(first) = rest.first() {
            let name = first.path.get(skip..).unwrap_or_default();
            let slash = name.iter().position(|&byte| byte == b'/');
            let (name, mode, id, count) = match slash {
                None => (name, first.mode, first.id, 1),
                Some(length) => {
                    let inside = skip + length + 1;
                    let prefix = first.path.get(..inside).unwrap_or_default();
                    let count = rest.partition_point(|entry| entry.path.starts_with(prefix));
                    let id = self.fold(rest.get(..count).unwrap_or_default(), inside)?;
                    (name.get(..length).unwrap_or_default(), FOLDER, id, count)
                }
            };
            object.extend_from_slice(format!("{mode:o} ").as_bytes());
            object.extend_from_slice(name);
            object.push(0);
            object.extend_from_slice(id.as_bytes());
            listed.push(Entry::new(name, id, Kind::of_mode(mode)));
            rest = rest.get(count..).unwrap_or_default();
        }
        let id = Oid::hash_object(ObjectType::Tree, &object)?;
        self.folders.insert(id, listed);
        Ok(id)
    }
}

fn unreadable(error: &git2::Error) -> InputError {
    InputError::new(
        InputProblem::Repository,
        format!("what is staged cannot be read: {}", error.message()),
        "`git sparse-checkout reapply --no-sparse-index` and `git update-index --no-split-index` \
         write an index that can be read",
    )
}

fn in_conflict(path: &str) -> InputError {
    InputError::new(
        InputProblem::Repository,
        format!("`{path}` is in conflict, so nothing of it is staged yet"),
        "resolve the conflict and `git add` the file",
    )
}
