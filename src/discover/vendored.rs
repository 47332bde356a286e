//! Files in folders that are not searched, such as `vendor` and `target`, that a file about
//! Refinery refers to.

use super::items::{Found, Search};
use super::origin::Origin;
use crate::sniff::file_name::is_candidate;
use crate::vfs::WalkedFile;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The maximum number of files that are added.
const MOST: usize = 200;

impl Search<'_> {
    /// Adds the files at paths that files name, each with the file that names it: relative to its
    /// folder or one above.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub(super) fn add_vendored(&self, found: &mut Found) -> Result<(), InputError> {
        let mut files = BTreeSet::new();
        for (by, path) in std::mem::take(&mut found.vendored) {
            let above = std::iter::successors(Some(split(&by).0), |at| {
                (!at.is_empty()).then(|| split(at).0)
            });
            let mut places = above.map(|at| join(at, &path));
            if let Some(place) = places.find(|place| self.is_there(place)) {
                files.extend(self.files_at(&place));
            }
        }
        for name in files.into_iter().take(MOST) {
            let path = PathBuf::from(&name);
            let file = WalkedFile { path, name, id: None, leads_out: false };
            self.look_at(found, file, Origin::Walked)?;
        }
        Ok(())
    }

    fn is_there(&self, place: &str) -> bool {
        let (folder, own) = split(place);
        let folder = Path::new(if folder.is_empty() { "." } else { folder });
        self.vfs.names(folder).iter().any(|name| name == own)
    }

    /// A file, or the files in a folder.
    fn files_at(&self, place: &str) -> Vec<String> {
        let is_file = |name: &String| !self.vfs.is_folder(Path::new(name));
        if is_file(&place.to_owned()) {
            return vec![place.to_owned()].into_iter().filter(|it| is_candidate(it)).collect();
        }
        let names = self.vfs.names(Path::new(place)).into_iter().map(|name| join(place, &name));
        names.filter(|name| format_of(name).is_some()).filter(is_file).collect()
    }
}
