//! The names of files of known formats and of their folders in a repository, to tell whether what is missing in
//! one place lies in another.

use super::near::folders_above;
use crate::vfs::Vfs;
use crate::vfs::path::{folder_path, format_of};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The names in each repository, read once they are needed.
#[derive(Default)]
pub struct KnownNames(RefCell<HashMap<String, Rc<HashSet<String>>>>);

impl KnownNames {
    /// Whether a file that Refinery or a tool may read, or a folder with such files, has this name, anywhere in
    /// the repository around a folder.
    pub fn has(&self, store: &dyn Vfs, folder: &str, name: &str) -> bool {
        let top = folders_above(store, folder).pop().unwrap_or_default();
        let known = self.0.borrow().get(&top).map(Rc::clone);
        let names = known.unwrap_or_else(|| {
            let names = Rc::new(all_names(store, &top));
            self.0.borrow_mut().insert(top, Rc::clone(&names));
            names
        });
        names.contains(name)
    }
}

fn all_names(store: &dyn Vfs, top: &str) -> HashSet<String> {
    let walk = store.walk(folder_path(top), |name| format_of(name).is_some()).unwrap_or_default();
    let names = walk.files.iter().flat_map(|file| file.name.split('/'));
    names.map(str::to_owned).collect()
}
