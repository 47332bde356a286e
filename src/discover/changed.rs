//! Of what a request names, the deployments that are not what they were.
//!
//! A deployment is whole: one file that came, went or changed makes it another. Must not judge
//! either side.

use super::around::Pointers;
use super::binding::{Binding, Listed, folders_asked, folders_of};
use super::gather::Plan;
use super::items::{Found, Search};
use super::known::Known;
use super::label::Label;
use super::locations::Locations;
use super::{Request, Sources};
use crate::deploy::Deployment;
use crate::deploy::launch::LaunchSpec;
use crate::diagnostic::Finding;
use crate::git::commits::today;
use crate::git::repository::{Since, Version, find_head, find_merge_base, find_tree, open};
use crate::git::snapshot::Snapshot;
use crate::git::trees::{GitTrees, empty_tree};
use crate::git::work_tree::Disk;
use crate::settings::SettingsFile;
use crate::sniff::file_name::may_matter;
use crate::span::Files;
use crate::syntax::DataFormat;
use crate::vfs::Vfs;
use crate::vfs::filtered::FilteredVfs;
use crate::vfs::input_error::{InputError, InputProblem};
use git2::{Oid, Repository};
use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::sync::Arc;

/// Deployments that are not the same now and before; either side may hold none.
#[derive(Default)]
pub struct Changed {
    pub now: Sources,
    pub before: Sources,
}

/// Reads what a request names as far as it has changed.
///
/// # Errors
/// Something named cannot be read, or the repository has no such past.
pub fn gather_changed(
    request: &Request,
    since: &Since,
    stdin: &mut dyn Read,
) -> Result<Changed, InputError> {
    // The process ends soon, and taking an index apart costs half as much as reading it.
    let repository = ManuallyDrop::new(open()?);
    let mut trees = ManuallyDrop::new(GitTrees::new(&repository));
    let past = past(&repository, since, &request.version)?;
    let name = request.version.name();
    if request.version == Version::WorkTree {
        let old = Snapshot::new(&repository, &trees, past, "the past");
        let disk = Disk::within(&request.paths_named());
        let plans = Plans::of(request, &old, &disk, true)?;
        let present = Present { base: &old, stdin };
        let known = Known::default();
        return compare(request, plans, [&old, &disk], &known, Some(present), &|_| true);
    }
    let is = trees.root(&request.version)?;
    let memory = Memory::new(&trees);
    let state = |root, name| Snapshot::new(&repository, &trees, root, name);
    let base = match since {
        // Everything is checked, and still what relaxes the gate must be in the last commit.
        Since::Nothing => self::past(&repository, &Since::Head, &request.version)?,
        _ => past,
    };
    let present = Present { base: &state(base, "the past"), stdin };
    let states = [state(past, "the past"), state(is, &name)];
    compare_states(request, states, &memory, Some(present))
}

/// What there is only of the state that is checked, and not of any earlier one.
pub struct Present<'p> {
    /// The state before the change: what relaxes the gate must be in it.
    base: &'p dyn Vfs,
    stdin: &'p mut dyn Read,
}

/// What is learned from one pair of states and helps with the next.
pub struct Memory<'r> {
    known: Known,
    pointers: Pointers<'r>,
}

impl<'r> Memory<'r> {
    pub fn new(trees: &'r GitTrees<'r>) -> Self {
        Self { known: Known::default(), pointers: Pointers::new(trees) }
    }
}

/// Reads of what a request names the deployments that would not be the same without these files.
///
/// # Errors
/// Something named cannot be read.
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
    Ok(compare(request, plans, stores, &Known::default(), Some(present), &|_| true)?.now)
}

/// The top folder of the state to compare with.
fn past(repository: &Repository, since: &Since, version: &Version) -> Result<Oid, InputError> {
    match since {
        Since::Head => match find_head(repository)? {
            Some(head) => Ok(head.tree_id()),
            None => empty_tree(),
        },
        Since::Nothing => empty_tree(),
        Since::MergeBase(revision) => {
            let judged = match version {
                Version::Revision(revision) => revision,
                Version::WorkTree | Version::Staged => "HEAD",
            };
            find_tree(repository, &find_merge_base(repository, revision, judged)?.to_string())
        }
    }
}

/// What a request comes to in the past and now.
struct Plans<'v> {
    was: Plan,
    is: Plan,
    /// The settings of each side.
    past: Binding<'v>,
    present: Binding<'v>,
    /// The settings above what is asked for are not the same, so that all that they list counts as
    /// changed.
    is_resettled: bool,
}

impl<'v> Plans<'v> {
    /// Each side has its own settings. What cannot be used is reported once, where it comes up.
    fn of(
        request: &Request,
        old: &'v dyn Vfs,
        new: &'v dyn Vfs,
        is_present: bool,
    ) -> Result<Self, InputError> {
        let settings = request.settings.as_ref();
        let past = Binding::new(settings, old, None, today());
        let present = Binding::new(settings, new, None, today());
        let list = |binding: &Binding<'_>, store| {
            let found = binding.listing(folders_asked(&request.paths, store).into_iter());
            let texts = |file: &Arc<SettingsFile>| (file.name.clone(), file.text.clone());
            found.map(|files| files.iter().map(texts).collect::<Vec<_>>())
        };
        let (were, are) = (list(&past, old), list(&present, new));
        let is_resettled = were != are;
        if is_resettled && is_present {
            are?;
        }
        let was = Plan::of(request).lacking(true);
        let is = Plan::of(request).lacking(!is_present);
        Ok(Self { was, is, past, present, is_resettled })
    }
}

/// What differs between two states of a repository, of which only that is read.
///
/// # Errors
/// Something cannot be read.
pub fn compare_states(
    request: &Request,
    [old, new]: [Snapshot<'_>; 2],
    Memory { known, pointers }: &Memory<'_>,
    present: Option<Present<'_>>,
) -> Result<Changed, InputError> {
    let around = old.differing(&new, may_matter)?;
    if around.is_empty() && Plan::of(request).names_no_file(&new) {
        return Ok(Changed::default());
    }
    let plans = Plans::of(request, &old, &new, present.is_some())?;
    if plans.is_resettled {
        // Which files are whose may be other than it was, wherever they lie.
        return compare(request, plans, [&old, &new], known, present, &|_| true);
    }
    let is_other = |listed: &Locations| listed.paths().any(|path| old.id(&path) != new.id(&path));
    let [was, is] = [&old, &new].map(|state| pointers.around(state.root(), around.clone()));
    let (near_old, near_new) = (old.whole().scoped(was?), new.whole().scoped(is?));
    compare(request, plans, [&near_old, &near_new], known, present, &is_other)
}

/// What differs between two stores, of whose listed deployments only those that are `wanted` are
/// looked at. What is named need not be there in the old one; without a present state it need not be
/// in the new one either.
///
/// # Errors
/// Something cannot be read.
fn compare(
    request: &Request,
    plans: Plans<'_>,
    [old, new]: [&dyn Vfs; 2],
    known: &Known,
    present: Option<Present<'_>>,
    wanted: &dyn Fn(&Locations) -> bool,
) -> Result<Changed, InputError> {
    let Plans { mut was, mut is, past, present: lists, is_resettled } = plans;
    let (stdin, base) = present.map(|present| (present.stdin, present.base)).unzip();
    let binding = Binding::new(request.settings.as_ref(), new, base, today());
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
        search(new).adopt(&mut found, &found_before)?;
    }
    let folders = |store, found: &Found| -> Vec<PathBuf> {
        folders_asked(&request.paths, store).into_iter().chain(folders_of(found)).collect()
    };
    let list = |plan: &mut Plan, binding: &Binding<'_>, folders: Vec<PathBuf>| {
        // What cannot be used is reported where the settings of what is checked are bound.
        let files = binding.listing(folders.into_iter()).unwrap_or_default();
        plan.list(files.iter().flat_map(|file| Listed::of(file)));
        plan.retain_agreed(wanted);
    };
    let asked = folders(new, &found);
    list(&mut was, &past, folders(old, &found_before));
    list(&mut is, &lists, asked.clone());
    let before = absent_is_nothing(was.read(old, found_before))?;
    let now = is.read(new, found);
    if base.is_none() {
        return Ok(Changed::between(absent_is_nothing(now)?, before, is_resettled));
    }
    let mut changed = Changed::between(now?, before, is_resettled);
    changed.now.settings_changes = binding.changes(asked.into_iter())?;
    if !changed.now.deployments.is_empty() {
        binding.bind(&mut changed.now, false)?;
        binding.bind(&mut changed.before, false)?;
    }
    Ok(changed)
}

impl Changed {
    /// Of both sides what the other does not have just so.
    fn between(mut now: Sources, mut before: Sources, is_resettled: bool) -> Self {
        let news = now.differing(&before, is_resettled);
        let olds = before.differing(&now, is_resettled);
        // What is said of a deployment that changed is said again, wherever that stands.
        let told: HashSet<&str> = news
            .iter()
            .flat_map(|changed| changed.told.iter().flat_map(|told| &**told))
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
            .filter(|finding| told.contains(finding.message.as_str()) || !is_old(finding));
        let unchecked: Vec<Finding> = unchecked.cloned().collect();
        now.unchecked = unchecked;
        now.keep(news, &before);
        before.deployments = olds;
        Self { now, before }
    }
}

/// Standard input has no past.
fn tracked(paths: &[PathBuf]) -> Vec<PathBuf> {
    paths.iter().filter(|path| path.as_os_str() != "-").cloned().collect()
}

/// What is named now need not have been there, nor been Refinery's.
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

/// What makes a deployment what it is.
type Identity<'f> =
    ([Vec<(&'f str, &'f str, Option<DataFormat>)>; 2], &'f LaunchSpec, Vec<&'f str>);

fn identity<'f>(deployment: &'f Deployment, files: &'f Files) -> Identity<'f> {
    let halves = [&deployment.config, &deployment.rules].map(|half| {
        let identity = |source: &crate::deploy::Source| {
            let file = files.get(source.file);
            (file.name.as_str(), file.text.as_str(), source.format)
        };
        half.iter().map(identity).collect()
    });
    // What is described elsewhere may change for the worse without a change in its files.
    let findings = deployment.findings.iter().map(|finding| finding.message.as_str());
    (halves, &deployment.given, findings.collect())
}

impl Sources {
    fn holds(&self, deployment: &Deployment, files: &Files) -> bool {
        let wanted = identity(deployment, files);
        self.deployments.iter().any(|known| identity(known, &self.files) == wanted)
    }

    /// The deployments that others do not have just so; with other settings, all that they name.
    fn differing(&self, others: &Self, is_resettled: bool) -> Vec<Deployment> {
        let differs = |deployment: &&Deployment| {
            is_resettled && deployment.is_agreed || !others.holds(deployment, &self.files)
        };
        self.deployments.iter().filter(differs).cloned().collect()
    }

    /// Keeps these deployments, and what is said of them and of files that are not what they were, or
    /// was not said before.
    fn keep(&mut self, deployments: Vec<Deployment>, before: &Self) {
        let label = |deployment| Label::of(deployment, &self.files);
        let kept: Vec<_> = deployments.iter().map(label).collect();
        let all: Vec<_> = self.deployments.iter().map(label).collect();
        let changed = self.changed_files(before);
        let told: HashSet<&str> = deployments
            .iter()
            .flat_map(|kept| kept.told.iter().flat_map(|told| &**told))
            .map(String::as_str)
            .collect();
        let is_in = |labels: &[Label], notice: &str| labels.iter().any(|l| l.is_in(notice));
        let is_about = |notice: &str, file: &String| {
            notice.strip_prefix(file).is_some_and(|rest| rest.starts_with([':', '#']))
        };
        self.notices.retain(|notice| {
            let is_news = || {
                changed.iter().any(|file| is_about(notice, file))
                    || !before.notices.contains(notice)
            };
            let is_told = told.contains(notice.as_str());
            is_told || is_in(&kept, notice) || !is_in(&all, notice) && is_news()
        });
        self.deployments = deployments;
    }

    /// The text of the file that a finding is about.
    fn text_of(&self, finding: &Finding) -> Option<&str> {
        finding.primary().map(|place| self.files.get(place.file).text.as_str())
    }

    /// Names of files that are new or have another text.
    fn changed_files(&self, before: &Self) -> Vec<String> {
        let known: BTreeMap<&str, &str> = before.texts().collect();
        let changed = self.texts().filter(|(name, text)| known.get(name) != Some(text));
        changed.map(|(name, _)| name.to_owned()).collect()
    }

    fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let file = |id| self.files.get(id);
        self.files.ids().map(move |id| (file(id).name.as_str(), file(id).text.as_str()))
    }
}
