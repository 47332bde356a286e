//! The changed deployments among those that a request names.
//!
//! A deployment changed if any of its files was added, removed or changed. Must not check either
//! side.

use super::binding::{Binding, Listed, folders_asked, folders_of};
use super::class_cache::ClassCache;
use super::differences::Differences;
use super::gather::Plan;
use super::items::{Found, Search};
use super::locations::Locations;
use super::machine_launch::new_launches;
use super::relevance::Relevance;
use super::rule_tests::{attach_beside, attach_listed, tests_in};
use super::scope::Pointers;
use super::{Request, Sources};
use crate::deploy::launch::LaunchSpec;
use crate::deploy::near::may_pin;
use crate::deploy::{Deployment, Recording};
use crate::diagnostic::Finding;
use crate::git::commits::today;
use crate::git::ignored::is_ignored;
use crate::git::repository::{
    Since, Version, find_head, find_merge_base, find_tree, here, locate, open,
};
use crate::git::snapshot::Snapshot;
use crate::git::trees::{GitTrees, empty_tree};
use crate::git::work_tree::{Disk, ScopedDisk};
use crate::notice::Notice;
use crate::settings::SettingsFile;
use crate::sniff::file_name::may_matter;
use crate::source_name::SourceName;
use crate::span::Files;
use crate::syntax::DataFormat;
use crate::vfs::Vfs;
use crate::vfs::filtered::FilteredVfs;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{name_of, split};
use git2::{Oid, Repository};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Changed deployments, now and before; either side may be empty.
#[derive(Default)]
pub struct Changed {
    pub now: Sources,
    pub before: Sources,
}

/// Reads the changed deployments of a request.
///
/// # Errors
/// A named file cannot be read, or the revision does not exist.
pub fn gather_changed(
    request: &Request,
    since: &Since,
    stdin: &mut dyn Read,
) -> Result<Changed, InputError> {
    // The process ends soon, and freeing the index takes half as long as reading it.
    let repository = ManuallyDrop::new(open()?);
    let mut trees = ManuallyDrop::new(GitTrees::new(&repository));
    let past = past(&repository, since, &request.version)?;
    let name = request.version.name();
    if request.version == Version::WorkTree {
        let is_inside = may_be_scoped(request, &repository);
        let seen = if is_inside { trees.work_tree(&is_read)? } else { None };
        let old = Snapshot::new(&repository, &trees, past, "the past");
        return compare_work_tree(request, (&repository, &trees), &old, seen, stdin);
    }
    let is = trees.root(&request.version)?;
    let memory = Memory::new(&trees);
    let state = |root, name| Snapshot::new(&repository, &trees, root, name);
    let base = match since {
        // Everything is checked, but settings that relax checks must be in the last commit.
        Since::Nothing => self::past(&repository, &Since::Head, &request.version)?,
        _ => past,
    };
    let present = Present { base: &state(base, "the past"), stdin };
    let states = [state(past, "the past"), state(is, &name)];
    compare_states(request, states, &memory, Some(present))
}

/// Whether a changed file in the work tree is to be read before it is known whether it matters.
fn is_read(path: &str) -> bool {
    let name = split(path).1;
    may_matter(name) != Some(false) || may_pin(name)
}

/// Whether all paths are in the work tree, so that git knows their state.
fn may_be_scoped(request: &Request, repository: &Repository) -> bool {
    let here = here(repository);
    let is_inside = |path: &PathBuf| {
        locate(repository, &here, path)
            .is_ok_and(|inside| inside.as_os_str().is_empty() || !is_ignored(&name_of(path)))
    };
    tracked(&Plan::of(request).paths).iter().all(is_inside)
}

/// What only the checked state has, not an earlier one.
pub struct Present<'p> {
    /// The state before the change, which settings that relax checks must be in.
    base: &'p dyn Vfs,
    stdin: &'p mut dyn Read,
}

/// Caches that are shared between comparisons.
pub struct Memory<'r> {
    known: ClassCache,
    pointers: Pointers<'r>,
    relevance: Relevance<'r>,
}

impl<'r> Memory<'r> {
    pub fn new(trees: &'r GitTrees<'r>) -> Self {
        let (pointers, relevance) = (Pointers::new(trees), Relevance::new(trees));
        Self { known: ClassCache::default(), pointers, relevance }
    }
}

/// Reads the deployments of a request that depend on these files.
///
/// # Errors
/// A named file cannot be read.
pub fn gather_with_files(request: &Request, files: &[PathBuf]) -> Result<Sources, InputError> {
    let repository = open()?;
    let mut trees = GitTrees::new(&repository);
    let is = trees.root(&request.version)?;
    let head = past(&repository, &Since::Head, &request.version)?;
    let name = request.version.name();
    let state = |root, name| Snapshot::new(&repository, &trees, root, name);
    let base = state(head, "the past");
    if request.version == Version::WorkTree {
        let disk = Disk::within(&request.paths_named());
        return with_files(request, &disk, &base, files);
    }
    with_files(request, &state(is, &name), &base, files)
}

fn with_files(
    request: &Request,
    vfs: &dyn Vfs,
    base: &dyn Vfs,
    files: &[PathBuf],
) -> Result<Sources, InputError> {
    let without = FilteredVfs::new(vfs, files);
    let plans = Plans::of(request, &without, vfs, true)?;
    let stores: [&dyn Vfs; 2] = [&without, vfs];
    let present = Present { base, stdin: &mut std::io::empty() };
    Ok(compare(request, plans, stores, &ClassCache::default(), Some(present), &|_| true)?.now)
}

/// The root of the state to compare with.
fn past(repository: &Repository, since: &Since, version: &Version) -> Result<Oid, InputError> {
    match since {
        Since::Head => match find_head(repository)? {
            Some(head) => Ok(head.tree_id()),
            None => empty_tree(),
        },
        Since::Nothing => empty_tree(),
        Since::MergeBase(revision) => {
            let checked = match version {
                Version::Revision(revision) => revision,
                Version::WorkTree | Version::Staged => "HEAD",
            };
            find_tree(repository, &find_merge_base(repository, revision, checked)?.to_string())
        }
    }
}

/// The plans of a request for the past and the present.
struct Plans<'v> {
    was: Plan,
    is: Plan,
    /// The settings of each side.
    past: Binding<'v>,
    present: Binding<'v>,
    /// Whether the settings changed, so that all deployments that they list count as changed.
    has_new_settings: bool,
}

impl<'v> Plans<'v> {
    /// Each side has its own settings. Only invalid settings of the present are reported.
    fn of(
        request: &Request,
        old: &'v dyn Vfs,
        new: &'v dyn Vfs,
        is_present: bool,
    ) -> Result<Self, InputError> {
        let settings = request.settings.as_ref();
        let past = Binding::new(settings, old, None, today());
        // The new ones may not relax the checks of the change that they are part of.
        let present = Binding::new(settings, new, is_present.then_some(old), today());
        let list = |binding: &Binding<'_>, store| {
            let found = binding.listing(folders_asked(&request.paths, store).into_iter());
            let texts = |file: &Arc<SettingsFile>| (file.name.clone(), file.text.clone());
            found.map(|files| files.iter().map(texts).collect::<Vec<_>>())
        };
        let (were, are) = (list(&past, old), list(&present, new));
        let has_new_settings = were != are;
        if has_new_settings && is_present {
            are?;
        }
        let was = Plan::of(request).lacking(true);
        let is = Plan::of(request).lacking(!is_present);
        Ok(Self { was, is, past, present, has_new_settings })
    }
}

/// Compares the work tree with a state before it. `seen` is its state as a tree, and what is ignored.
fn compare_work_tree<'r>(
    request: &Request,
    (repository, trees): (&'r Repository, &'r GitTrees<'r>),
    old: &Snapshot<'r>,
    seen: Option<(Oid, BTreeSet<String>)>,
    stdin: &mut dyn Read,
) -> Result<Changed, InputError> {
    let disk = Disk::within(&request.paths_named());
    let present = Some(Present { base: old, stdin });
    let Memory { known, pointers, relevance } = Memory::new(trees);
    let whole = |present| {
        let plans = Plans::of(request, old, &disk, true)?;
        compare(request, plans, [old, &disk], &known, present, &|_| true)
    };
    let Some((is, ignored)) = seen else { return whole(present) };
    let new = Snapshot::new(repository, trees, is, "the work tree");
    let mut differences = Differences::find(&relevance, [old, &new], true)?;
    differences.follow(&pointers, [old, &new])?;
    let Differences { mut folders, is_relevant, submodules } = differences;
    // Git does not know whether ignored files have changed.
    let beside = ignored.iter().map(|path| split(path).0.to_owned());
    let places: BTreeSet<String> = ignored.iter().cloned().chain(beside).collect();
    let open = pointers.leading(is, &places)?;
    folders.changed.extend(open.iter().map(|file| split(file).0.to_owned()));
    let scopes = [old, &new].map(|state| pointers.scope(state.root(), folders.clone()));
    let [was, now] = scopes;
    let (was, now) = (was?, now?);
    let is_led = !open.is_empty() || was.is_led() || now.is_led();
    if !is_relevant && !is_led && Plan::of(request).names_no_file(&disk) {
        return Ok(Changed::default());
    }
    let plans = Plans::of(request, old, &disk, true)?;
    if plans.has_new_settings {
        return whole(present);
    }
    let near_old = old.whole().scoped(was);
    let near_new = ScopedDisk::new(Disk::within(&request.paths_named()), repository, trees, now);
    let changed = compare(request, plans, [&near_old, &near_new], &known, present, &|_| true)?;
    Ok(with_notices(changed, &submodules))
}

/// Says which changes are not checked.
fn with_notices(mut changed: Changed, submodules: &BTreeSet<String>) -> Changed {
    changed.now.notices.extend(submodules.iter().map(|name| {
        let text = "the change to this submodule is not checked, because its commit is not checked \
                    out; run `git submodule update --init`";
        Notice::on(name, text)
    }));
    changed
}

/// Compares two states of a repository and only reads what differs.
///
/// # Errors
/// A file cannot be read.
pub fn compare_states(
    request: &Request,
    [old, new]: [Snapshot<'_>; 2],
    Memory { known, pointers, relevance }: &Memory<'_>,
    present: Option<Present<'_>>,
) -> Result<Changed, InputError> {
    let mut differences = Differences::find(relevance, [&old, &new], present.is_some())?;
    if !differences.is_relevant && Plan::of(request).names_no_file(&new) {
        let changed = &differences.folders.changed;
        let is_led =
            |state: &Snapshot<'_>| Ok(!pointers.leading(state.root(), changed)?.is_empty());
        if !is_led(&old)? && !is_led(&new)? {
            return Ok(Changed::default());
        }
    }
    differences.follow(pointers, [&old, &new])?;
    let Differences { folders, submodules, .. } = differences;
    let scope = |state: &Snapshot<'_>| pointers.scope(state.root(), folders.clone());
    let plans = Plans::of(request, &old, &new, present.is_some())?;
    if plans.has_new_settings {
        // Any file may belong to another deployment now.
        return compare(request, plans, [&old, &new], known, present, &|_| true);
    }
    let differs = |path: &Path| old.id(path) != new.id(path);
    // Tests beside the rules, too.
    let has_other_tests = |path: &Path| {
        let folder = split(&name_of(path)).0.to_owned();
        let names = [&old, &new].map(|state| tests_in(state, &folder));
        request.runs_tests && names.iter().flatten().any(|name| differs(Path::new(name)))
    };
    let is_other =
        |listed: &Locations| listed.paths().any(|path| differs(&path) || has_other_tests(&path));
    let (near_old, near_new) = (old.whole().scoped(scope(&old)?), new.whole().scoped(scope(&new)?));
    let changed = compare(request, plans, [&near_old, &near_new], known, present, &is_other)?;
    Ok(with_notices(changed, &submodules))
}

/// Compares two file systems. Of the deployments listed in settings only the `wanted` ones are
/// read. Named files may be missing in the old one and, without a present state, in the new one
/// too.
///
/// # Errors
/// A file cannot be read.
fn compare(
    request: &Request,
    plans: Plans<'_>,
    [old, new]: [&dyn Vfs; 2],
    known: &ClassCache,
    present: Option<Present<'_>>,
    wanted: &dyn Fn(&Locations) -> bool,
) -> Result<Changed, InputError> {
    let Plans { mut was, mut is, past, present: lists, has_new_settings } = plans;
    let (stdin, base) = present.map(|present| (present.stdin, present.base)).unzip();
    let binding = Binding::new(request.settings.as_ref(), new, base, today());
    binding.learn(folders_asked(&request.paths, new).into_iter())?;
    let exclude = |name: &str| binding.exclusion(name);
    let search = |vfs| Search { vfs, known, exclude: &exclude };
    let tracked = |vfs, plan: &Plan| {
        let found = search(vfs).discover(request, &tracked(&plan.paths), &mut std::io::empty());
        absent_is_nothing(found)
    };
    let found_before = tracked(old, &was)?;
    let mut found = match stdin {
        Some(stdin) => search(new).discover(request, &is.paths, stdin)?,
        None => tracked(new, &is)?,
    };
    if !is.paths.is_empty() {
        search(new).adopt(&mut found, &found_before, old)?;
    }
    let folders = |store, found: &Found| -> Vec<PathBuf> {
        folders_asked(&request.paths, store).into_iter().chain(folders_of(found)).collect()
    };
    let list = |plan: &mut Plan, binding: &Binding<'_>, folders: Vec<PathBuf>| {
        // Invalid settings are reported when settings are bound.
        let files = binding.listing(folders.into_iter()).unwrap_or_default();
        plan.list(files.iter().flat_map(|file| Listed::of(file)));
        plan.retain_listed(wanted);
    };
    let asked = folders(new, &found);
    list(&mut was, &past, folders(old, &found_before));
    list(&mut is, &lists, asked.clone());
    let attach = |sources: &mut Sources, store| {
        if !request.runs_tests {
            return Ok(());
        }
        attach_beside(sources, store, |name| binding.exclusion(name).is_some())
    };
    let mut before = absent_is_nothing(was.read(old, found_before))?;
    attach(&mut before, old)?;
    let now = is.read(new, found).and_then(|mut now| {
        now.report_lost(&before, [old, new]);
        now.report_lost_maps(&before, new);
        now.report_lost_folders(&before, [old, new]);
        attach(&mut now, new)?;
        Ok(now)
    });
    if base.is_none() {
        return Ok(Changed::between(absent_is_nothing(now)?, before, has_new_settings));
    }
    let mut changed = Changed::between(now?, before, has_new_settings);
    changed.now.settings_changes = binding.changes(asked.into_iter())?;
    if !changed.now.deployments.is_empty() {
        binding.bind(&mut changed.now, false)?;
        binding.bind(&mut changed.before, false)?;
        if request.runs_tests {
            attach_listed(&mut changed.now, new)?;
        }
    }
    Ok(changed)
}

impl Changed {
    /// Keeps the deployments of each side that the other side does not have.
    fn between(mut now: Sources, mut before: Sources, has_new_settings: bool) -> Self {
        let news = now.differing(&before, has_new_settings);
        let olds = before.differing(&now, has_new_settings);
        // Findings about a changed deployment are repeated.
        let reported: HashSet<&str> = news
            .iter()
            .flat_map(|changed| changed.reported.iter().flat_map(|reported| &**reported))
            .map(String::as_str)
            .collect();
        let is_old = |finding: &Finding| {
            let text = now.text_of(finding);
            let is_same =
                |old: &Finding| old.message == finding.message && before.text_of(old) == text;
            before.unchecked.iter().any(is_same)
        };
        let unchecked = now
            .unchecked
            .iter()
            .filter(|finding| reported.contains(finding.message.as_str()) || !is_old(finding));
        let unchecked: Vec<Finding> = unchecked.cloned().collect();
        now.unchecked = unchecked;
        let launches = (&now.launches[..], &now.files);
        now.launches = new_launches(launches, (&before.launches, &before.files));
        now.keep(news, &before);
        before.deployments = olds;
        Self { now, before }
    }
}

/// Standard input has no past state.
fn tracked(paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().filter(|path| path.as_os_str() != "-").cloned().collect()
}

/// Named files may have been missing before, or something else.
fn absent_is_nothing<T: Default>(result: Result<T, InputError>) -> Result<T, InputError> {
    match result {
        Err(error)
            if matches!(error.problem, InputProblem::Missing | InputProblem::NotRecognised) =>
        {
            Ok(T::default())
        }
        result => result,
    }
}

/// What must be equal for deployments to be unchanged.
type Identity<'f> = (
    [Vec<(&'f str, &'f str, Option<DataFormat>)>; 2],
    &'f LaunchSpec,
    Vec<&'f str>,
    Vec<(&'f str, &'f [Recording])>,
);

fn identity<'f>(deployment: &'f Deployment, files: &'f Files) -> Identity<'f> {
    let halves = [&deployment.config, &deployment.rules].map(|half| {
        let identity = |source: &crate::deploy::Source| {
            let file = files.get(source.file);
            (file.name.as_str(), file.text.as_str(), source.format)
        };
        half.iter().map(identity).collect()
    });
    // Its description may change without a change in its files.
    let findings = deployment.findings.iter().map(|finding| finding.message.as_str());
    let tests = deployment.tests.iter();
    let tests = tests.map(|test| (files.get(test.file).text.as_str(), &test.recordings[..]));
    (halves, &deployment.launch, findings.collect(), tests.collect())
}

impl Sources {
    fn holds(&self, deployment: &Deployment, files: &Files) -> bool {
        let wanted = identity(deployment, files);
        self.deployments.iter().any(|known| identity(known, &self.files) == wanted)
    }

    /// The deployments that others do not have, and with changed settings all listed ones.
    fn differing(&self, others: &Self, has_new_settings: bool) -> Vec<Deployment> {
        let differs = |deployment: &&Deployment| {
            has_new_settings && deployment.is_listed || !others.holds(deployment, &self.files)
        };
        self.deployments.iter().filter(differs).cloned().collect()
    }

    /// Keeps these deployments, their notices, and other notices that are new or about changed
    /// files.
    fn keep(&mut self, deployments: Vec<Deployment>, before: &Self) {
        let names = |deployment: &Deployment| deployment.names(&self.files);
        let kept: Vec<_> = deployments.iter().map(names).collect();
        let all: Vec<_> = self.deployments.iter().map(names).collect();
        let changed = self.changed_files(before);
        let reported: HashSet<&str> = deployments
            .iter()
            .flat_map(|kept| kept.reported.iter().flat_map(|reported| &**reported))
            .map(String::as_str)
            .collect();
        let is_of = |deployments: &[Vec<SourceName>], notice: &Notice| {
            deployments.iter().any(|names| notice.is_about(names))
        };
        let is_changed = |name: &SourceName| changed.contains(name.file());
        let known: HashSet<&Notice> = before.notices.iter().collect();
        let is_shown = |notice: &&Notice| {
            let is_news = || notice.about.iter().any(is_changed) || !known.contains(notice);
            let is_kept = reported.contains(notice.text.as_str()) || is_of(&kept, notice);
            is_kept || !is_of(&all, notice) && is_news()
        };
        self.notices = self.notices.iter().filter(is_shown).cloned().collect();
        self.deployments = deployments;
    }

    /// The text of the file that a finding is about.
    fn text_of(&self, finding: &Finding) -> Option<&str> {
        finding.primary().map(|place| self.files.get(place.file).text.as_str())
    }

    /// The names of added and changed files.
    fn changed_files(&self, before: &Self) -> HashSet<&str> {
        let known: HashMap<&SourceName, &str> = before.texts().collect();
        let changed = self.texts().filter(|(name, text)| known.get(name) != Some(text));
        changed.map(|(name, _)| name.file()).collect()
    }

    fn texts(&self) -> impl Iterator<Item = (&SourceName, &str)> {
        let file = |id| self.files.get(id);
        self.files.ids().map(move |id| (&file(id).name, file(id).text.as_str()))
    }
}
