//! A request → its deployments.
//!
//! Must not know how files are walked, recognised or paired.

use super::assembly::Assembly;
use super::binding::{Binding, Listed, folders_asked, folders_of};
use super::class_cache::ClassCache;
use super::items::{Found, STDIN, Search, not_recognised};
use super::locations::Locations;
use super::rule_tests::{attach_beside, attach_listed};
use super::{Request, Sources};
use crate::counted::counted;
use crate::deploy::Deployment;
use crate::deploy::loaded::LoadedFiles;
use crate::diagnostic::Finding;
use crate::git::commits::today;
use crate::git::repository::{Version, open};
use crate::git::snapshot::Snapshot;
use crate::git::trees::GitTrees;
use crate::git::work_tree::Disk;
use crate::notice::{Notice, texts_of};
use crate::span::Span;
use crate::vfs::Vfs;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{below, join, name_of};
use git2::Repository;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;

/// Reads all deployments of a request.
///
/// # Errors
/// A named file cannot be read, or there is nothing to check.
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
    let binding = Binding::new(request.settings.as_ref(), vfs, None, today());
    binding.learn(folders_asked(&request.paths, vfs).into_iter())?;
    let mut plan = Plan::of(request);
    let exclude = |name: &str| binding.exclusion(name);
    let search = Search { vfs, known: &ClassCache::default(), exclude: &exclude };
    let mut found = search.discover(request, &plan.paths, stdin)?;
    if found.has_candidates()
        && let Some(repository) = repository()
    {
        found.recall(&repository, &request.version);
    }
    let folders = folders_asked(&request.paths, vfs).into_iter().chain(folders_of(&found));
    plan.list(binding.listing(folders)?.iter().flat_map(|file| Listed::of(file)));
    let mut sources = plan.read(vfs, found)?;
    if request.runs_tests {
        attach_beside(&mut sources, vfs, |name| binding.exclusion(name).is_some())?;
    }
    if sources.deployments.is_empty() && sources.unchecked.is_empty() {
        return Err(nothing_found(&plan.paths, vfs, &sources));
    }
    let is_searched = request.settings.as_ref().is_some_and(|given| given.lists_deployments);
    binding.bind(&mut sources, is_searched)?;
    if request.runs_tests {
        attach_listed(&mut sources, vfs)?;
    }
    Ok(sources)
}

/// The error if nothing was found.
fn nothing_found(paths: &[PathBuf], vfs: &dyn Vfs, sources: &Sources) -> InputError {
    let names: Vec<String> = paths.iter().map(|path| name_of(path)).collect();
    let places: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let looked_at = sources.ledger.files();
    if let Some((by, count)) = sources.ledger.excluded() {
        return InputError::new(
            InputProblem::NothingFound,
            format!(
                "nothing to check in {}: {by} excludes {}",
                places.join(", "),
                counted(count, "file")
            ),
            "narrow `files` in its `exclude`",
        );
    }
    if !sources.notices.is_empty() {
        return InputError::new(
            InputProblem::NothingFound,
            format!("nothing to check in {}", places.join(", ")),
            texts_of(&sources.notices).cloned().collect::<Vec<_>>().join("; "),
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
            "no Refinery config or rules file in {}; looked at {}",
            places.join(", "),
            counted(looked_at, "YAML, TOML or JSON file")
        ),
        "pass the files with `-c` and `-r`; vendored folders, tool folders, files that git ignores \
         and, outside a repository, hidden folders are not searched",
    )
}

/// What to read for a request.
pub struct Plan {
    /// Named by flags.
    named: Vec<Locations>,
    /// Listed in settings.
    listed: Vec<Locations>,
    /// The files of all listed deployments, which are not checked on their own.
    covered: BTreeSet<String>,
    /// Paths to visit.
    pub paths: Vec<PathBuf>,
    may_lack: bool,
}

impl Plan {
    /// The named paths, else standard input if it has a name, else the current folder.
    pub fn of(request: &Request) -> Self {
        let flags = Locations::of(request);
        let named: Vec<_> = Some(flags).filter(|flags| !flags.is_empty()).into_iter().collect();
        let default = match &request.stdin_filename {
            Some(_) => Some("-"),
            None if !named.is_empty() => None,
            None => Some("."),
        };
        let paths = match default {
            Some(path) if request.paths.is_empty() => vec![PathBuf::from(path)],
            _ => request.paths.clone(),
        };
        Self { named, listed: Vec::new(), covered: BTreeSet::new(), paths, may_lack: false }
    }

    /// Adds deployments listed in settings that have a file in one of the folders to visit.
    pub fn list(&mut self, listed: impl Iterator<Item = Listed>) {
        let folders: Vec<String> = self.paths.iter().map(|path| join("", &name_of(path))).collect();
        let is_asked = |path: PathBuf| {
            let path = join("", &name_of(&path));
            folders.iter().any(|folder| below(&path, folder).is_some())
        };
        for Listed { locations, covered } in listed {
            if !locations.paths().any(is_asked) {
                continue;
            }
            self.covered.extend(covered.iter().map(|path| join("", &name_of(path))));
            self.listed.push(locations);
        }
    }

    /// Whether files named by location may be missing.
    #[must_use]
    pub fn lacking(self, may_lack: bool) -> Self {
        Self { may_lack, ..self }
    }

    /// Whether only folders are named.
    pub fn names_no_file(&self, store: &dyn Vfs) -> bool {
        self.named.is_empty() && self.paths.iter().all(|path| store.is_folder(path))
    }

    /// Keeps only the wanted listed deployments; the files of the others stay covered.
    pub fn retain_listed(&mut self, is_wanted: impl Fn(&Locations) -> bool) {
        self.listed.retain(is_wanted);
    }

    /// Reads what is named by location and what was found, and assembles deployments.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn read(&self, store: &dyn Vfs, found: Found) -> Result<Sources, InputError> {
        let mut texts = LoadedFiles::default();
        let mut sources = Sources::default();
        let listed = self.listed.iter().map(|locations| (locations, true));
        for (locations, is_listed) in self.named.iter().map(|l| (l, false)).chain(listed) {
            let loaded = match locations.load(store, &mut texts) {
                Err(error) if self.may_lack && error.problem == InputProblem::Missing => continue,
                loaded => loaded?,
            };
            let about = loaded.deployment.names(&texts.files);
            sources.notices.push(Notice { about, text: locations.describe() });
            sources.notices.extend(loaded.notices);
            sources.deployments.push(Deployment { is_listed, ..loaded.deployment });
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
        assembly.consider_values(found.possible_values);
        let mut rest = Sources::default();
        assembly.finish(store, &mut rest)?;
        self.remove_covered(&mut rest);
        sources.supplied = std::mem::take(&mut rest.supplied);
        sources.maps = std::mem::take(&mut rest.maps);
        sources.launches = std::mem::take(&mut rest.launches);
        sources.deployments.extend(rest.deployments);
        sources.notices.extend(rest.notices);
        sources.unchecked.extend(rest.unchecked);
        sources.ledger.absorb(rest.ledger);
        Ok(Sources { files: rest.files, ..sources })
    }

    /// Removes found deployments whose files all belong to listed ones.
    fn remove_covered(&self, found: &mut Sources) {
        let is_theirs = |deployment: &Deployment| {
            let outer = |id| found.files.get(found.files.outermost(id)).name.file();
            let mut files = deployment.files().peekable();
            files.peek().is_some() && files.all(|id| self.covered.contains(outer(id)))
        };
        let (theirs, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut found.deployments).into_iter().partition(is_theirs);
        let names: Vec<_> = theirs.iter().map(|theirs| theirs.names(&found.files)).collect();
        found.notices.retain(|notice| !names.iter().any(|names| notice.is_about(names)));
        found.deployments = others;
        let is_covered = |finding: &Finding| {
            let name = |place: Span| found.files.get(found.files.outermost(place.file)).name.file();
            finding.primary().is_some_and(|place| self.covered.contains(name(place)))
        };
        found.unchecked.retain(|finding| !is_covered(finding));
        let is_covered = |place: Span| {
            let name = found.files.get(found.files.outermost(place.file)).name.file();
            self.covered.contains(name)
        };
        found.launches.retain(|launch| !is_covered(launch.place));
    }
}
