//! A request → everything that it names, read and put together.
//!
//! Must not know how files are walked, recognised or paired: it only asks.

use super::assembly::Assembly;
use super::items::{Found, STDIN, Search, not_recognised};
use super::known::Known;
use super::label::Label;
use super::locations::Locations;
use super::settings::Settled;
use super::{Request, Sources};
use crate::deploy::Deployment;
use crate::deploy::loaded::LoadedFiles;
use crate::git::repository::{Version, open};
use crate::git::snapshot::Snapshot;
use crate::git::trees::GitTrees;
use crate::git::work_tree::Disk;
use crate::vfs::Vfs;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{join, name_of};
use git2::Repository;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;

/// Reads everything that a request names.
///
/// # Errors
/// Something named cannot be read, or there is nothing to check.
pub fn gather(request: &Request, stdin: &mut dyn Read) -> Result<Sources, InputError> {
    if request.version == Version::WorkTree {
        let disk = Disk::within(&request.paths_named());
        return gather_from(&disk, request, stdin, &|| open().ok());
    }
    let repository = open()?;
    let mut trees = GitTrees::new(&repository);
    let root = trees.root(&request.version)?;
    let name = request.version.name();
    let state = Snapshot::new(&repository, &trees, root, &name);
    gather_from(&state, request, stdin, &|| open().ok())
}

fn gather_from(
    vfs: &dyn Vfs,
    request: &Request,
    stdin: &mut dyn Read,
    repository: &dyn Fn() -> Option<Repository>,
) -> Result<Sources, InputError> {
    let settled = Settled::of(request, vfs)?;
    let plan = Plan::of(request, settled.deployments?);
    let search = Search { vfs, known: &Known::default(), exclude: &|_| None };
    let mut found = search.discover(request, &plan.paths, stdin)?;
    if found.has_candidates()
        && let Some(repository) = repository()
    {
        found.recall(&repository, &request.version);
    }
    let mut sources = plan.read(vfs, found)?;
    if sources.deployments.is_empty() && sources.unchecked.is_empty() {
        return Err(nothing_found(&plan.paths, vfs, &sources));
    }
    sources.read_settings(request, vfs)?;
    Ok(sources)
}

/// Says that nothing was found in these places.
fn nothing_found(paths: &[PathBuf], vfs: &dyn Vfs, sources: &Sources) -> InputError {
    let names: Vec<String> = paths.iter().map(|path| name_of(path)).collect();
    let places: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let looked_at = sources.ledger.files();
    if !sources.notices.is_empty() {
        return InputError::new(
            InputProblem::NothingFound,
            format!("there is nothing to check in {}", places.join(", ")),
            sources.notices.join("; "),
        );
    }
    if let ([path], [name]) = (paths, &names[..])
        && !vfs.is_folder(path)
    {
        return not_recognised(if name == "-" { STDIN } else { name });
    }
    InputError::new(
        InputProblem::NothingFound,
        format!(
            "no Refinery config or rules file in {}; {looked_at} YAML, TOML and JSON files were \
             looked at",
            places.join(", ")
        ),
        "name the files with -c and -r; hidden folders, vendored ones and what git ignores are \
         not walked",
    )
}

/// What a request comes to.
pub struct Plan {
    /// Named by flags.
    named: Vec<Locations>,
    /// Named by settings.
    agreed: Vec<Locations>,
    /// The files of all that settings name: what was found and has no other is theirs.
    covered: BTreeSet<String>,
    /// What to visit.
    pub paths: Vec<PathBuf>,
    may_lack: bool,
}

impl Plan {
    /// As named, else standard input if it has a name, else all there is.
    pub fn of(request: &Request, agreed: Vec<Locations>) -> Self {
        let flags = Locations::of(request);
        let named: Vec<_> = Some(flags).filter(|flags| !flags.is_empty()).into_iter().collect();
        let default = match &request.stdin_filename {
            Some(_) => Some("-"),
            None if !named.is_empty() || !agreed.is_empty() => None,
            None => Some("."),
        };
        let paths = match default {
            Some(path) if request.paths.is_empty() => vec![PathBuf::from(path)],
            _ => request.paths.clone(),
        };
        let covered = agreed.iter().flat_map(Locations::paths);
        let covered = covered.map(|path| join("", &name_of(&path))).collect();
        Self { named, agreed, covered, paths, may_lack: false }
    }

    /// What is named by location need not be there.
    #[must_use]
    pub fn lacking(self, may_lack: bool) -> Self {
        Self { may_lack, ..self }
    }

    /// All that is named are folders to search, at the most.
    pub fn names_no_file(&self, store: &dyn Vfs) -> bool {
        self.named.is_empty() && self.paths.iter().all(|path| store.is_folder(path))
    }

    /// Keeps the deployments of the settings that are wanted; their files stay theirs.
    pub fn retain_agreed(&mut self, is_wanted: impl Fn(&Locations) -> bool) {
        self.agreed.retain(is_wanted);
    }

    /// Reads what is named by location and what was found, and puts it together.
    ///
    /// # Errors
    /// Something cannot be read.
    pub fn read(&self, store: &dyn Vfs, found: Found) -> Result<Sources, InputError> {
        let mut texts = LoadedFiles::default();
        let mut sources = Sources::default();
        let agreed = self.agreed.iter().map(|locations| (locations, true));
        for (locations, is_agreed) in self.named.iter().map(|l| (l, false)).chain(agreed) {
            let loaded = match locations.load(store, &mut texts) {
                Err(error) if self.may_lack && error.problem == InputProblem::Missing => continue,
                loaded => loaded?,
            };
            sources.notices.push(locations.describe());
            sources.notices.extend(loaded.notices);
            sources.deployments.push(Deployment { is_agreed, ..loaded.deployment });
        }
        sources.notices.extend(found.notices);
        sources.ledger = found.ledger;
        let mut assembly = Assembly::new(texts);
        for item in found.items {
            assembly.add(store, item)?;
        }
        for candidate in found.candidates {
            assembly.consider(candidate);
        }
        let mut rest = Sources::default();
        assembly.finish(store, &mut rest)?;
        self.leave_to_the_named(&mut rest);
        sources.deployments.extend(rest.deployments);
        sources.notices.extend(rest.notices);
        sources.unchecked.extend(rest.unchecked);
        sources.ledger.absorb(rest.ledger);
        Ok(Sources { files: rest.files, ..sources })
    }

    /// What was found and consists of files of the settings is judged with them.
    fn leave_to_the_named(&self, found: &mut Sources) {
        let is_theirs = |deployment: &Deployment| {
            let outer = |id| &found.files.get(found.files.outermost(id)).name;
            let mut files = deployment.files().peekable();
            files.peek().is_some() && files.all(|id| self.covered.contains(outer(id)))
        };
        let (theirs, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut found.deployments).into_iter().partition(is_theirs);
        let labels: Vec<_> = theirs.iter().map(|d| Label::of(d, &found.files)).collect();
        found.notices.retain(|notice| !labels.iter().any(|label| label.is_in(notice)));
        found.deployments = others;
    }
}

impl Sources {
    /// Reads the settings that hold for these files, where settings count.
    ///
    /// # Errors
    /// They are there, and cannot be read or understood.
    pub fn read_settings(&mut self, request: &Request, store: &dyn Vfs) -> Result<(), InputError> {
        if let Some(wanted) = &request.settings {
            self.settings = wanted.hold_for(self, store)?;
        }
        Ok(())
    }
}
