//! Git trees by id, from commits and from the index.
//!
//! Must not interpret paths from the command line.

use super::entry::{Entry, Kind};
use super::filters::staged_content;
use super::index::GitIndex;
use super::repository::{Version, find_tree, here, repository_error};
use super::submodules;
use super::work_state::WorkState;
use crate::vfs::input_error::{InputError, InputProblem};
use git2::{ErrorCode, ObjectType, Oid, Repository};
use std::cell::{OnceCell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// All trees and blobs of a repository, including those that only the index has.
pub struct GitTrees<'r> {
    repository: &'r Repository,
    /// The current folder, relative to the root of the repository.
    here: PathBuf,
    staged: GitIndex,
    /// The entries of trees that were read last: consecutive states share most of their folders.
    listed: RefCell<HashMap<Oid, Rc<[Entry]>>>,
    /// Set when the objects of submodules are readable.
    submodules: OnceCell<()>,
}

/// Gets each entry that differs, except folders, and the folder that it is in.
pub type Visit<'v> = dyn Fn(&str, &Entry) + 'v;

/// The number of trees whose entries are kept.
const MOST_LISTED: usize = 4096;

impl<'r> GitTrees<'r> {
    pub fn new(repository: &'r Repository) -> Self {
        let here = here(repository);
        let (staged, listed) = (GitIndex::default(), RefCell::default());
        Self { repository, here, staged, listed, submodules: OnceCell::new() }
    }

    /// The current folder, relative to the root of the repository.
    pub fn here(&self) -> &Path {
        &self.here
    }

    /// The root tree of a version.
    ///
    /// # Errors
    /// There is no such version, or it cannot be read.
    pub fn root(&mut self, version: &Version) -> Result<Oid, InputError> {
        match version {
            Version::Revision(revision) => Ok(find_tree(self.repository, revision)?),
            Version::Staged | Version::WorkTree => {
                let (staged, root) = GitIndex::read(self.repository)?;
                self.staged = staged;
                Ok(root)
            }
        }
    }

    /// The root of the work tree as a tree, and what is ignored in it. Only changed files that
    /// `is_read` wants are read. `None` if only the files themselves show their state.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn work_tree(
        &mut self,
        is_read: &dyn Fn(&str) -> bool,
    ) -> Result<Option<(Oid, BTreeSet<String>)>, InputError> {
        Ok(WorkState::read(self.repository, is_read)?.map(|state| {
            self.staged = state.trees;
            (state.root, state.ignored)
        }))
    }

    /// The entries of a tree. A submodule whose commit is there is a folder with its files.
    ///
    /// # Errors
    /// The object is missing.
    pub fn list(&self, id: Oid) -> Result<Rc<[Entry]>, InputError> {
        if let Some(entries) = self.listed.borrow().get(&id) {
            return Ok(Rc::clone(entries));
        }
        let staged = self.staged.folders.get(&id);
        let entries = match staged {
            Some(entries) => Rc::clone(entries),
            None => self.read(id)?,
        };
        let has_submodules = entries.iter().any(|entry| entry.kind == Kind::Submodule);
        if staged.is_some() && !has_submodules {
            return Ok(entries);
        }
        let entries = if has_submodules { self.with_submodules(&entries) } else { entries };
        let mut listed = self.listed.borrow_mut();
        if listed.len() >= MOST_LISTED {
            listed.clear();
        }
        listed.insert(id, Rc::clone(&entries));
        Ok(entries)
    }

    fn read(&self, id: Oid) -> Result<Rc<[Entry]>, InputError> {
        let tree = self.repository.find_tree(id).map_err(|error| self.missing_object(&error))?;
        let entry = |entry: git2::TreeEntry<'_>| {
            let mode = u32::try_from(entry.filemode()).unwrap_or_default();
            Entry::new(entry.name_bytes(), entry.id(), Kind::of_mode(mode))
        };
        Ok(tree.iter().map(entry).collect())
    }

    fn with_submodules(&self, entries: &[Entry]) -> Rc<[Entry]> {
        self.submodules.get_or_init(|| submodules::add_objects(self.repository));
        let open = |entry: &Entry| {
            let is_one = entry.kind == Kind::Submodule;
            match is_one.then(|| submodules::find_root(self.repository, entry.id)).flatten() {
                Some(root) => Entry { id: root, kind: Kind::Folder, ..entry.clone() },
                None => entry.clone(),
            }
        };
        let mut entries: Vec<Entry> = entries.iter().map(open).collect();
        // Folders sort as if their names ended with a slash, and submodules do not.
        entries.sort_by(|one, other| one.order().cmp(other.order()));
        entries.into()
    }

    /// The size of a blob, in bytes.
    ///
    /// # Errors
    /// The object is missing.
    pub fn size(&self, id: Oid) -> Result<u64, InputError> {
        if let Some(text) = self.staged.contents.get(&id) {
            return Ok(text.len() as u64);
        }
        let header = self.repository.odb().and_then(|odb| odb.read_header(id));
        let (size, _) = header.map_err(|error| self.missing_object(&error))?;
        Ok(size as u64)
    }

    /// The content of a blob: a file's bytes, or the target of a link.
    ///
    /// # Errors
    /// The object is missing.
    pub fn content(&self, id: Oid) -> Result<Vec<u8>, InputError> {
        if let Some(text) = self.staged.contents.get(&id) {
            return Ok(text.clone());
        }
        let blob = self.repository.find_blob(id).map_err(|error| self.missing_object(&error))?;
        Ok(blob.content().to_vec())
    }

    /// The content of a staged file as the work tree has it, where a filter such as Git LFS stores
    /// something else.
    pub fn unfiltered(&self, root: Oid, path: &Path) -> Option<Vec<u8>> {
        self.is_staged(root).then(|| staged_content(self.repository, path))?
    }

    /// Whether this is the state of the index, whose filtered files are read from the work tree.
    pub fn is_staged(&self, root: Oid) -> bool {
        self.staged.root == Some(root)
    }

    /// The error for a missing object. In a partial clone only git itself fetches objects.
    fn missing_object(&self, error: &git2::Error) -> InputError {
        let is_promised = || {
            let config = self.repository.config().ok()?;
            let mut entries = config.entries(Some("remote\\..*\\.promisor")).ok()?;
            Some(entries.next().is_some())
        };
        if error.code() != ErrorCode::NotFound || is_promised() != Some(true) {
            return repository_error(error);
        }
        InputError::new(
            InputProblem::Repository,
            "a file to check is missing from this partial clone",
            "run `git fetch --refetch --no-filter`",
        )
    }

    /// The paths of the folders in which entries differ between two trees. Equal subtrees are not
    /// read.
    ///
    /// # Errors
    /// A tree is missing.
    pub fn differing(
        &self,
        one: Oid,
        other: Oid,
        visit: &Visit<'_>,
    ) -> Result<BTreeSet<String>, InputError> {
        let mut folders = BTreeSet::new();
        self.compare([Some(one), Some(other)], "", visit, &mut folders)?;
        Ok(folders)
    }

    fn compare(
        &self,
        sides: [Option<Oid>; 2],
        at: &str,
        visit: &Visit<'_>,
        folders: &mut BTreeSet<String>,
    ) -> Result<(), InputError> {
        check_depth(at)?;
        let list = |side: Option<Oid>| side.map_or_else(|| Ok(Rc::default()), |id| self.list(id));
        let lists: [Rc<[Entry]>; 2] = [list(sides[0])?, list(sides[1])?];
        for (name, entries) in pairs(&lists[0], &lists[1]) {
            for entry in entries.iter().flatten().filter(|entry| entry.kind != Kind::Folder) {
                folders.insert(at.to_owned());
                visit(at, entry);
            }
            let inner = entries.map(|e| e.filter(|e| e.kind == Kind::Folder).map(|e| e.id));
            if inner[0] != inner[1] {
                let path = if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
                self.compare(inner, &path, visit, folders)?;
            }
        }
        Ok(())
    }
}

/// The entries that differ, by name. Both lists are sorted as in tree objects.
fn pairs<'e>(one: &'e [Entry], other: &'e [Entry]) -> Vec<(&'e str, [Option<&'e Entry>; 2])> {
    let mut differing = Vec::new();
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    loop {
        let entries = match (one.peek(), other.peek()) {
            (None, None) => return differing,
            (Some(a), Some(b)) if a == b => [one.next(), other.next()],
            (Some(a), Some(b)) => match a.order().cmp(b.order()) {
                Ordering::Less => [one.next(), None],
                Ordering::Equal => [one.next(), other.next()],
                Ordering::Greater => [None, other.next()],
            },
            _ => [one.next(), other.next()],
        };
        if let (true, Some(entry)) = (entries[0] != entries[1], entries[0].or(entries[1])) {
            differing.push((entry.name.as_str(), entries));
        }
    }
}

/// No work tree can have a longer path than this, in bytes.
const MAX_PATH: usize = 4096;

/// Fails for paths that no work tree can have.
///
/// # Errors
/// The path is too long.
pub fn check_depth(path: &str) -> Result<(), InputError> {
    if path.len() <= MAX_PATH {
        return Ok(());
    }
    Err(InputError::new(
        InputProblem::TooLarge,
        format!("the git repository contains a path longer than {MAX_PATH} bytes"),
        "pass the folders to check",
    ))
}

/// The empty tree, as before the first commit.
pub fn empty_tree() -> Result<Oid, InputError> {
    Oid::hash_object(ObjectType::Tree, &[]).map_err(|error| repository_error(&error))
}
