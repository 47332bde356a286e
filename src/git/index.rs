//! The index as trees, each with the id that git would give it.
//!
//! Equal ids mean equal folders, so a comparison with a commit skips them. Git keeps the ids of
//! folders without staged changes; the others are computed. Nothing is written: git makes these
//! objects itself when it commits. Must not read a file's content, except in conflicts.

use super::cache_tree::CacheTree;
use super::entry::{Entry, Kind};
use crate::vfs::input_error::{InputError, InputProblem};
use git2::{ObjectType, Oid, Repository};
use sha1::{Digest, Sha1};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Flags of an index entry: the side of a conflict, and `git add --intent-to-add`.
pub(super) const STAGE: u16 = 0x3000;
const OURS: u16 = 0x2000;
const THEIRS: u16 = 0x3000;
pub(super) const INTENT_TO_ADD: u16 = 1 << 13;
const FOLDER: u32 = 0o040_000;
const FILE: u32 = 0o100_644;

/// The fields of an index entry that matter here; an index has many entries.
pub(super) struct IndexEntry {
    pub bytes: Vec<u8>,
    pub id: Oid,
    pub mode: u32,
}

/// The staged state.
#[derive(Default)]
pub struct GitIndex {
    /// The id of the root tree of the index.
    pub root: Option<Oid>,
    /// The folders whose ids were computed; the repository has the others.
    pub folders: HashMap<Oid, Rc<[Entry]>>,
    /// Contents that the repository may lack. Files in conflict have both sides between conflict
    /// markers as git writes them to the work tree: the index has no single content for them.
    pub contents: HashMap<Oid, Vec<u8>>,
}

impl GitIndex {
    /// Reads the index. Returns the id of its root tree, too.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(repository: &Repository) -> Result<(Self, Oid), InputError> {
        let cached = CacheTree::of(repository);
        if let Some(root) = known_tree(repository, &cached) {
            return Ok((Self { root: Some(root), ..Self::default() }, root));
        }
        let index = repository.index().map_err(|error| unreadable(&error))?;
        let mut entries = Vec::with_capacity(index.len());
        let mut sides: BTreeMap<Vec<u8>, [Option<Oid>; 2]> = BTreeMap::new();
        for entry in index.iter().filter(|entry| entry.flags_extended & INTENT_TO_ADD == 0) {
            match entry.flags & STAGE {
                0 => entries.push(IndexEntry { bytes: entry.path, id: entry.id, mode: entry.mode }),
                OURS => sides.entry(entry.path).or_default()[0] = Some(entry.id),
                THEIRS => sides.entry(entry.path).or_default()[1] = Some(entry.id),
                _ => drop(sides.entry(entry.path).or_default()),
            }
        }
        let mut contents = HashMap::new();
        for (bytes, sides) in sides {
            let text = in_conflict(sides.map(|side| content(repository, side)));
            let id = Oid::hash_object(ObjectType::Blob, &text).map_err(|e| unreadable(&e))?;
            contents.insert(id, text);
            entries.push(IndexEntry { bytes, id, mode: FILE });
        }
        let (mut staged, root) = Self::fold(repository, entries, &cached)?;
        staged.root = Some(root);
        staged.contents = contents;
        Ok((staged, root))
    }

    /// The trees of some entries, of which the repository may lack these contents.
    ///
    /// # Errors
    /// The ids cannot be computed.
    pub(super) fn of_entries(
        repository: &Repository,
        entries: Vec<IndexEntry>,
        contents: HashMap<Oid, Vec<u8>>,
    ) -> Result<(Self, Oid), InputError> {
        let (trees, root) = Self::fold(repository, entries, &CacheTree::default())?;
        Ok((Self { contents, ..trees }, root))
    }

    fn fold(
        repository: &Repository,
        mut entries: Vec<IndexEntry>,
        cached: &CacheTree,
    ) -> Result<(Self, Oid), InputError> {
        // On file systems that ignore case the index is sorted differently.
        entries.sort_unstable_by(|a, b| a.bytes.cmp(&b.bytes));
        let mut trees = Self::default();
        let fold = Fold { repository, folders: &mut trees.folders };
        let root = fold.root(&entries, cached).map_err(|error| unreadable(&error))?;
        Ok((trees, root))
    }
}

/// The tree of a folder that git has computed, if the repository has it.
fn known_tree(repository: &Repository, cached: &CacheTree) -> Option<Oid> {
    let (id, _) = cached.tree()?;
    repository.odb().ok()?.exists(id).then_some(id)
}

/// Builds trees of entries.
struct Fold<'f> {
    repository: &'f Repository,
    folders: &'f mut HashMap<Oid, Rc<[Entry]>>,
}

impl Fold<'_> {
    fn root(mut self, entries: &[IndexEntry], cached: &CacheTree) -> Result<Oid, git2::Error> {
        self.fold(entries, 0, Some(cached))
    }

    /// Builds the tree of entries that share the first `skip` bytes of their paths. They are sorted
    /// as in a tree object.
    fn fold(
        &mut self,
        entries: &[IndexEntry],
        skip: usize,
        cached: Option<&CacheTree>,
    ) -> Result<Oid, git2::Error> {
        let (mut listed, mut object) = (Vec::new(), Vec::new());
        let mut rest = entries;
        while let Some(first) = rest.first() {
            let name = first.bytes.get(skip..).unwrap_or_default();
            let slash = name.iter().position(|&byte| byte == b'/');
            let (name, mode, id, count) = match slash {
                None => (name, first.mode, first.id, 1),
                Some(length) => {
                    let (name, inside) =
                        (name.get(..length).unwrap_or_default(), skip + length + 1);
                    let prefix = first.bytes.get(..inside).unwrap_or_default();
                    let count = rest.partition_point(|entry| entry.bytes.starts_with(prefix));
                    let cached = cached.and_then(|cached| cached.folder(name));
                    let id = match cached.and_then(|cached| self.known(cached, count)) {
                        Some(id) => id,
                        None => self.fold(rest.get(..count).unwrap_or_default(), inside, cached)?,
                    };
                    (name, FOLDER, id, count)
                }
            };
            write_mode(mode, &mut object);
            object.extend_from_slice(name);
            object.push(0);
            object.extend_from_slice(id.as_bytes());
            listed.push(Entry::new(name, id, Kind::of_mode(mode)));
            rest = rest.get(count..).unwrap_or_default();
        }
        let id = hash_tree(&object)?;
        self.folders.insert(id, listed.into());
        Ok(id)
    }

    /// The tree of a folder with this many files.
    fn known(&self, cached: &CacheTree, count: usize) -> Option<Oid> {
        cached.tree().filter(|(_, files)| *files == count)?;
        known_tree(self.repository, cached)
    }
}

/// The mode in octal digits without leading zeros, and a space.
fn write_mode(mode: u32, object: &mut Vec<u8>) {
    let length = (32 - mode.leading_zeros()).div_ceil(3).max(1);
    object.extend((0..length).rev().map(|digit| b'0' + (mode >> (3 * digit) & 7) as u8));
    object.push(b' ');
}

/// The id of a tree object: like libgit2's function, but many times faster.
fn hash_tree(object: &[u8]) -> Result<Oid, git2::Error> {
    let mut hash = Sha1::new_with_prefix(format!("tree {}\0", object.len()));
    hash.update(object);
    Oid::from_bytes(&hash.finalize())
}

pub(super) fn unreadable(error: &git2::Error) -> InputError {
    InputError::new(
        InputProblem::Repository,
        format!("cannot read the git index: {}", error.message()),
        "run `git sparse-checkout reapply --no-sparse-index` or `git update-index --no-split-index` \
         to write it in a supported format",
    )
}

/// One side of a conflict; empty if it has no such file.
fn content(repository: &Repository, side: Option<Oid>) -> Vec<u8> {
    let blob = side.and_then(|id| repository.find_blob(id).ok());
    blob.map_or_else(Vec::new, |blob| blob.content().to_vec())
}

fn in_conflict([ours, theirs]: [Vec<u8>; 2]) -> Vec<u8> {
    let line_end = |side: &[u8]| if side.is_empty() || side.ends_with(b"\n") { "" } else { "\n" };
    let ends = [line_end(&ours), line_end(&theirs)].map(str::as_bytes);
    let parts: [&[u8]; 7] =
        [b"<<<<<<< ours\n", &ours, ends[0], b"=======\n", &theirs, ends[1], b">>>>>>> theirs\n"];
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_written_as_in_tree_objects() {
        for (mode, text) in [(0, "0 "), (0o644, "644 "), (FOLDER, "40000 "), (0o100_755, "100755 ")]
        {
            let mut object = Vec::new();
            write_mode(mode, &mut object);
            assert_eq!(object, text.as_bytes());
            let expected = Oid::hash_object(git2::ObjectType::Tree, &object).unwrap();
            assert_eq!(hash_tree(&object).unwrap(), expected);
        }
    }
}
