//! The part of a repository state that matters for folders with changes: the folders where their
//! files may have a counterpart, and the files that refer to them.

use super::pair::may_pair;
use super::references::{Pointer, Words, followed, leading};
use crate::git::entry::{Entry, Kind};
use crate::git::snapshot::Scope;
use crate::git::trees::GitTrees;
use crate::sniff::containers::may_name_files;
use crate::sniff::file_name::holds_pipelines;
use crate::sniff::shebang::{may_be_script, starts_script};
use crate::syntax::DataFormat;
use crate::vfs::Skip;
use crate::vfs::decode::decode;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{are_adjacent, below, format_of, split};
use crate::vfs::read::MAX_FILE;
use git2::Oid;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// Folders with changes.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    pub changed: BTreeSet<String>,
    /// Folders of files to which changed files may refer, or may have referred.
    pub followed: BTreeSet<String>,
    /// Folders with changed Kubernetes objects, which may refer to others in adjacent folders.
    pub applied: BTreeSet<String>,
    /// Folders in and below which any deployment may be affected.
    pub whole: BTreeSet<String>,
}

/// Folders, and the files that refer to them.
pub struct ChangedScope {
    folders: Folders,
    /// Files in any folder that refer to these folders, directly or not.
    leading: HashSet<String>,
}

impl Folders {
    fn all(&self) -> impl Iterator<Item = &String> {
        self.changed.iter().chain(&self.followed).chain(&self.whole)
    }
}

impl ChangedScope {
    /// Whether any file refers to the folders.
    pub fn is_led(&self) -> bool {
        !self.leading.is_empty()
    }
}

impl Scope for ChangedScope {
    fn is_empty(&self) -> bool {
        self.folders.changed.is_empty()
    }

    fn holds_folder(&self, folder: &str) -> bool {
        self.folders.changed.contains(folder)
            || self.folders.whole.iter().any(|whole| below(folder, whole).is_some())
            || self.folders.followed.contains(folder)
            || self.folders.changed.iter().any(|near| may_pair(near, folder))
            || self.folders.applied.iter().any(|near| are_adjacent(near, folder))
    }

    fn holds_file(&self, path: &str) -> bool {
        self.leading.contains(path)
    }

    fn leads_through(&self, folder: &str) -> bool {
        let is_above =
            |path: &String| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        self.holds_folder(folder) || self.folders.all().chain(&self.leading).any(is_above)
    }
}

/// Files that name others, by their path relative to a folder.
type Naming = Rc<[(String, Oid)]>;

/// Caches which files name others, because consecutive states share most of their files.
pub struct Pointers<'r> {
    trees: &'r GitTrees<'r>,
    /// The files that name others, by folder and whether it has pipelines.
    naming: RefCell<HashMap<(Oid, bool), Naming>>,
    words: RefCell<HashMap<Oid, Rc<Words>>>,
    /// Whether a file of this name may name others.
    names: RefCell<HashMap<String, bool>>,
}

/// Files that name others, with their words.
#[derive(Default)]
struct Named {
    naming: Naming,
    words: Vec<Rc<Words>>,
}

impl Named {
    fn as_pointers(&self) -> Vec<Pointer<'_>> {
        let files = self.naming.iter().zip(&self.words);
        files.map(|((file, _), words)| Pointer { file: file.clone(), words }).collect()
    }
}

impl<'r> Pointers<'r> {
    pub fn new(trees: &'r GitTrees<'r>) -> Self {
        let (naming, words, names) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self { trees, naming, words, names }
    }

    /// The part of a state with this root that matters for some of its folders.
    ///
    /// # Errors
    /// An object is missing in the repository.
    pub fn scope(&self, root: Oid, folders: Folders) -> Result<ChangedScope, InputError> {
        let leading = self.leading(root, &folders.changed)?;
        Ok(ChangedScope { folders, leading })
    }

    /// The files that refer to some folders, directly or not.
    ///
    /// # Errors
    /// An object is missing in the repository.
    pub fn leading(
        &self,
        root: Oid,
        folders: &BTreeSet<String>,
    ) -> Result<HashSet<String>, InputError> {
        Ok(leading(&self.pointers(root, folders)?.as_pointers(), folders))
    }

    /// The folders of the files to which files in some folders refer, directly or not.
    ///
    /// # Errors
    /// An object is missing in the repository.
    pub fn followed(
        &self,
        root: Oid,
        folders: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, InputError> {
        let paths = followed(&self.pointers(root, folders)?.as_pointers(), folders);
        let beside = paths.iter().map(|path| split(path).0.to_owned()).collect::<Vec<_>>();
        Ok(paths.into_iter().chain(beside).collect())
    }

    /// All files that name others; none if they are not needed for any folder.
    fn pointers(&self, root: Oid, folders: &BTreeSet<String>) -> Result<Named, InputError> {
        if folders.is_empty() {
            return Ok(Named::default());
        }
        let naming = self.naming(root, "")?;
        let words = naming.iter().map(|(_, id)| self.words(*id)).collect::<Result<_, _>>()?;
        Ok(Named { naming, words })
    }

    /// The files below a folder of this name that name others, by their relative paths.
    fn naming(&self, folder: Oid, own: &str) -> Result<Naming, InputError> {
        let has_pipelines = holds_pipelines(own);
        if let Some(known) = self.naming.borrow().get(&(folder, has_pipelines)) {
            return Ok(known.clone());
        }
        let mut files = Vec::new();
        for Entry { name, id, kind } in self.trees.list(folder)?.iter() {
            match kind {
                Kind::Folder if Skip::of_name(name, true).is_none() => {
                    let below = self.naming(*id, name)?;
                    files.extend(below.iter().map(|(path, id)| (format!("{name}/{path}"), *id)));
                }
                Kind::File
                    if self.may_name_files(name)
                        || has_pipelines && is_yaml(name)
                        || may_be_script(name) && self.is_script(*id) =>
                {
                    files.push((name.clone(), *id));
                }
                // The content of a link is the path that it leads to.
                Kind::Link => files.push((name.clone(), *id)),
                _ => {}
            }
        }
        let files: Naming = files.into();
        self.naming.borrow_mut().insert((folder, has_pipelines), files.clone());
        Ok(files)
    }

    fn may_name_files(&self, name: &str) -> bool {
        if let Some(known) = self.names.borrow().get(name) {
            return *known;
        }
        let may_name = may_name_files(name);
        self.names.borrow_mut().insert(name.to_owned(), may_name);
        may_name
    }

    /// Whether a content is that of a script, by its first bytes.
    fn is_script(&self, id: Oid) -> bool {
        self.trees.size(id).is_ok_and(|size| size <= MAX_FILE)
            && self.trees.content(id).is_ok_and(|bytes| starts_script(&bytes))
    }

    /// The paths that a file may name.
    fn words(&self, id: Oid) -> Result<Rc<Words>, InputError> {
        if let Some(known) = self.words.borrow().get(&id) {
            return Ok(known.clone());
        }
        let text = decode(self.trees.content(id)?, None).text;
        let words = Rc::new(Words::of(&text));
        self.words.borrow_mut().insert(id, words.clone());
        Ok(words)
    }
}
fn is_yaml(name: &str) -> bool {
    format_of(name) == Some(DataFormat::Yaml)
}
