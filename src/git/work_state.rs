//! The work tree as trees, each with the id that git would give it.
//!
//! As for git, the stat data in the index says which files are unchanged, so that only the others are
//! read. Must not know which files matter.

use super::entry::Kind;
use super::ignored::Ignored;
use super::index::{GitIndex, INTENT_TO_ADD, IndexEntry, unreadable};
use crate::vfs::Skip;
use crate::vfs::input_error::InputError;
use crate::vfs::path::text_of;
use crate::vfs::read::read_file;
use git2::{ObjectType, Oid, Repository};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::Metadata;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use walkdir::WalkDir;

const FILE: u32 = 0o100_644;
const LINK: u32 = 0o120_000;

/// The files in the work tree that git does not ignore.
pub struct WorkState {
    pub trees: GitIndex,
    pub root: Oid,
    /// Ignored files and folders. What is in such a folder is not known.
    pub ignored: BTreeSet<String>,
}

impl WorkState {
    /// Compares the work tree with the index. Only changed files that `is_read` wants are read; others
    /// have ids of their own. `None` without a work tree, or if a submodule is checked out.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn read(
        repository: &Repository,
        is_read: &dyn Fn(&str) -> bool,
    ) -> Result<Option<Self>, InputError> {
        let Some(top) = repository.workdir() else { return Ok(None) };
        let index = repository.index().map_err(|error| unreadable(&error))?;
        let written = index.path().and_then(|path| path.metadata().ok()?.modified().ok());
        let mut known: BTreeMap<Vec<u8>, git2::IndexEntry> = BTreeMap::new();
        for entry in index.iter().filter(|entry| entry.flags_extended & INTENT_TO_ADD == 0) {
            if Kind::of_mode(entry.mode) == Kind::Submodule && is_checked_out(top, &entry.path) {
                return Ok(None);
            }
            known.insert(entry.path.clone(), entry);
        }
        let Some((untracked, ignored)) = find_untracked(top, &known) else { return Ok(None) };
        let mut state = Changes { top, is_read, contents: HashMap::new() };
        let mut entries = Vec::with_capacity(known.len());
        for (bytes, entry) in known {
            let path = top.join(&*path_of(&bytes));
            let Ok(found) = path.symlink_metadata() else { continue };
            if entry.flags & super::index::STAGE == 0 && is_unchanged(&entry, &found, written) {
                entries.push(IndexEntry { bytes, id: entry.id, mode: entry.mode });
            } else if !found.is_dir() {
                entries.push(state.read(bytes, &found)?);
            } else if Kind::of_mode(entry.mode) == Kind::Submodule {
                entries.push(IndexEntry { bytes, id: entry.id, mode: entry.mode });
            }
        }
        for bytes in untracked {
            if let Ok(found) = top.join(&*path_of(&bytes)).symlink_metadata() {
                entries.push(state.read(bytes, &found)?);
            }
        }
        let (trees, root) = GitIndex::of_entries(repository, entries, state.contents)?;
        Ok(Some(Self { trees, root, ignored }))
    }
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> std::borrow::Cow<'_, Path> {
    use std::os::unix::ffi::OsStrExt;
    std::borrow::Cow::Borrowed(Path::new(std::ffi::OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> std::borrow::Cow<'_, Path> {
    std::borrow::Cow::Owned(std::path::PathBuf::from(text_of(bytes).into_owned()))
}

fn is_checked_out(top: &Path, path: &[u8]) -> bool {
    top.join(&*path_of(path)).join(".git").exists()
}

/// Whether a file is as it was when the index was written. A change in the same instant as that would
/// not show.
fn is_unchanged(entry: &git2::IndexEntry, found: &Metadata, written: Option<SystemTime>) -> bool {
    let modified = found.modified().ok();
    let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let Some(since) = since.filter(|_| modified < written) else { return false };
    // The index has 32 bits of each number, and may lack nanoseconds.
    let low = |number: u64| u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default();
    let is_time = low(since.as_secs()) == entry.mtime.seconds().cast_unsigned()
        && since.subsec_nanos() == entry.mtime.nanoseconds();
    let is_kind = match Kind::of_mode(entry.mode) {
        Kind::Link => found.is_symlink(),
        Kind::File => found.is_file(),
        Kind::Folder | Kind::Submodule => false,
    };
    is_kind && is_time && low(found.len()) == entry.file_size && is_same_file(entry, found)
}

/// Whether it was neither replaced nor written with an earlier time.
#[cfg(unix)]
fn is_same_file(entry: &git2::IndexEntry, found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let low = |number: u64| u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default();
    low(found.ino()) == entry.ino
        && low(found.ctime().cast_unsigned()) == entry.ctime.seconds().cast_unsigned()
        && low(found.ctime_nsec().cast_unsigned()) == entry.ctime.nanoseconds()
}

#[cfg(not(unix))]
fn is_same_file(_: &git2::IndexEntry, _: &Metadata) -> bool {
    true
}

/// The files that differ from the index.
struct Changes<'c> {
    top: &'c Path,
    is_read: &'c dyn Fn(&str) -> bool,
    contents: HashMap<Oid, Vec<u8>>,
}

impl Changes<'_> {
    fn read(&mut self, bytes: Vec<u8>, found: &Metadata) -> Result<IndexEntry, InputError> {
        let path = self.top.join(&*path_of(&bytes));
        let name = text_of(&bytes).into_owned();
        let mode = if found.is_symlink() { LINK } else { FILE };
        let content = if found.is_symlink() {
            path.read_link().ok().map(|target| target.as_os_str().as_encoded_bytes().to_vec())
        } else if (self.is_read)(&name) {
            read_file(&path, &name).ok()
        } else {
            None
        };
        // What is not read differs from everything else.
        let hashed = content.clone().unwrap_or_else(|| format!("{name}\0{found:?}").into_bytes());
        let id = Oid::hash_object(ObjectType::Blob, &hashed).map_err(|e| unreadable(&e))?;
        self.contents.insert(id, content.unwrap_or_default());
        Ok(IndexEntry { bytes, id, mode })
    }
}

/// The untracked files, and what is ignored. `None` if ignore rules cannot be read.
fn find_untracked(
    top: &Path,
    known: &BTreeMap<Vec<u8>, git2::IndexEntry>,
) -> Option<(Vec<Vec<u8>>, BTreeSet<String>)> {
    let rules = Ignored::around(top).ok().flatten()?;
    let (mut untracked, mut ignored) = (Vec::new(), BTreeSet::new());
    let mut folders = HashSet::new();
    for path in known.keys() {
        let ends = path.iter().enumerate().rev().filter(|(_, byte)| **byte == b'/');
        for (end, _) in ends {
            if !folders.insert(path.get(..end).unwrap_or_default()) {
                break;
            }
        }
    }
    let mut walk = WalkDir::new(top).min_depth(1).into_iter();
    while let Some(entry) = walk.next() {
        let Ok(entry) = entry else { continue };
        let relative = entry.path().strip_prefix(top).unwrap_or(entry.path());
        let bytes = slashed(relative);
        let is_folder = entry.file_type().is_dir();
        let is_tracked =
            if is_folder { folders.contains(&*bytes) } else { known.contains_key(&bytes) };
        let is_skipped = || Skip::of_name(&entry.file_name().to_string_lossy(), true).is_some();
        if is_folder && is_skipped() {
            walk.skip_current_dir();
        } else if !is_tracked && rules.applies(relative, is_folder) {
            ignored.insert(text_of(&bytes).into_owned());
            if is_folder {
                walk.skip_current_dir();
            }
        } else if !is_tracked && !is_folder && bytes != b".git" {
            untracked.push(bytes);
        }
    }
    Some((untracked, ignored))
}

/// A path as in the index.
fn slashed(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_encoded_bytes().to_vec();
    if std::path::MAIN_SEPARATOR == '/' {
        return bytes;
    }
    bytes.into_iter().map(|byte| if byte == b'\\' { b'/' } else { byte }).collect()
}
