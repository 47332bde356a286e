//! What differs between two states of a repository, and whether it can matter.
//!
//! When in doubt, it reports a difference. Must not read deployments.

use super::relevance::{Noted, Relevance};
use super::scope::{Folders, Pointers};
use crate::deploy::near::{NearFile, NearFolders, may_pin};
use crate::deploy::pins::{generating, installing, installing_locally};
use crate::git::snapshot::Snapshot;
use crate::sniff::containers::is_of_flux;
use crate::syntax::DataFormat;
use crate::vfs::Vfs;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{folder_path, format_of, join, split};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

/// What differs between two states.
pub struct Differences {
    /// The folders with changes.
    pub folders: Folders,
    /// Whether a change can matter if no other file refers to it.
    pub is_relevant: bool,
    /// Changed submodules whose files are not there.
    pub submodules: BTreeSet<String>,
}

impl Differences {
    /// Finds what differs. Only for the present, `is_present`, also the files that install the chart with a
    /// changed one, whatever is in it.
    ///
    /// # Errors
    /// An object is missing in the repository.
    pub fn find(
        relevance: &Relevance<'_>,
        [old, new]: [&Snapshot<'_>; 2],
        is_present: bool,
    ) -> Result<Self, InputError> {
        let noted = RefCell::new(Noted::default());
        let changed = old.differing(new, &|folder, entry| {
            relevance.note(folder, entry, &mut noted.borrow_mut());
        })?;
        let Noted { is_relevant, relevant, applied, mut whole, maps, values, open, submodules } =
            noted.into_inner();
        // A file in any folder may name one that is no longer there.
        if relevant.iter().any(|name| new.id(Path::new(name)).is_none()) {
            whole.insert(String::new());
        }
        if [old, new].iter().any(|state| maps.iter().any(|folder| substitutes_near(state, folder)))
        {
            // The manifests with the variables may be in any folder.
            whole.insert(String::new());
        }
        let near = NearFolders::default();
        let mut templates: Vec<String> =
            values.iter().flat_map(|name| near.templates_with(new, name)).collect();
        let open = open.iter().filter(|_| is_present);
        templates.extend(open.clone().flat_map(|name| templates_named_in(new, name)));
        let is_in = |state: &Snapshot<'_>, folder: &str| state.is_folder(folder_path(folder));
        // A folder for which something is installed, whatever is in it.
        let news = changed.iter().filter(|at| is_present && is_in(old, at) != is_in(new, at));
        let installing: BTreeSet<String> = open
            .flat_map(|name| [installing(&near, new, name), installing_locally(&near, new, name)])
            .chain(news.map(|folder| generating(&near, new, folder)))
            .flatten()
            .collect();
        let is_relevant = is_relevant
            || !(templates.is_empty() && installing.is_empty())
            || values.iter().any(|name| near.may_install(new, name));
        let installing = installing.iter().map(|file| split(file).0.to_owned());
        let followed = installing.chain(templates).collect();
        let folders = Folders { changed, followed, applied, whole };
        Ok(Self { folders, is_relevant, submodules })
    }

    /// Adds the folders of files to which changed files refer, or have referred. Only a change that
    /// matters needs them.
    ///
    /// # Errors
    /// An object is missing in the repository.
    pub fn follow(
        &mut self,
        pointers: &Pointers<'_>,
        states: [&Snapshot<'_>; 2],
    ) -> Result<(), InputError> {
        let Folders { changed, followed, .. } = &mut self.folders;
        for state in states {
            followed.extend(pointers.followed(state.root(), changed)?);
        }
        Ok(())
    }
}

/// The folders of templates of the charts that a file installs.
fn templates_named_in(state: &Snapshot<'_>, name: &str) -> Vec<String> {
    let text = state.read(Path::new(name), name).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let may_install = may_pin(name) && ["helm", "chart"].iter().any(|word| text.contains(word));
    if may_install { NearFile::new(name.to_owned(), text).templates(state) } else { Vec::new() }
}

/// Whether an object of Flux in a folder, or near it, may take variables from a map in that folder.
fn substitutes_near(state: &Snapshot<'_>, folder: &str) -> bool {
    let within = |folder: &str| {
        let names = state.names(folder_path(folder)).into_iter();
        names.map(|name| join(folder, &name)).collect::<Vec<_>>()
    };
    let own = within(folder);
    let beside = if folder.is_empty() { Vec::new() } else { within(split(folder).0) };
    let all = own.iter().chain(&beside);
    let folders: Vec<&String> = all.filter(|path| state.is_folder(Path::new(path))).collect();
    let inner = folders.iter().filter(|path| **path != folder).flat_map(|path| within(path));
    let mut files = own.iter().chain(&beside).cloned().chain(inner);
    files.any(|path| {
        let text = || state.read(Path::new(&path), &path).unwrap_or_default();
        format_of(&path) == Some(DataFormat::Yaml) && is_of_flux(&String::from_utf8_lossy(&text()))
    })
}
