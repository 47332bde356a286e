//! Of what a request names, the deployments that are not what they were.
//!
//! A deployment is whole: one file that came, went or changed makes it another. Must not judge
//! either side.

use super::gather::Plan;
use super::input_error::{InputError, InputProblem};
use super::items::{Content, Found, discover};
use super::repository::{Since, Version, find_fork, find_head, find_tree, open};
use super::snapshot::Snapshot;
use super::store::{Disk, Store};
use super::trees::{Trees, empty_tree};
use super::{Circumstances, Deployment, Request, Sources};
use crate::span::Files;
use crate::syntax::DataFormat;
use git2::{Oid, Repository};
use std::io::Read;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

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
    let mut trees = ManuallyDrop::new(Trees::new(&repository));
    let past = past(&repository, since, &request.version)?;
    if request.version == Version::WorkTree {
        let old = Snapshot::new(&repository, &trees, past, "the past");
        return compare(request, &old, &Disk, Some(stdin));
    }
    let present = trees.root(&request.version)?;
    let around = trees.differing(past, present)?;
    let state = |root, name| Snapshot::new(&repository, &trees, root, name).around(around.clone());
    let (old, new) = (state(past, "the past"), state(present, &request.version.name()));
    compare(request, &old, &new, Some(stdin))
}

/// Is anything staged at all, Refinery's or not?
///
/// # Errors
/// The index or the repository cannot be read.
pub fn is_anything_staged() -> Result<bool, InputError> {
    let repository = open()?;
    let staged = Trees::new(&repository).root(&Version::Staged)?;
    Ok(staged != past(&repository, &Since::Head, &Version::Staged)?)
}

/// The top folder of the state to compare with.
fn past(repository: &Repository, since: &Since, version: &Version) -> Result<Oid, InputError> {
    match since {
        Since::Head => match find_head(repository)? {
            Some(head) => Ok(head.tree_id()),
            None => empty_tree(),
        },
        Since::ForkFrom(revision) => {
            let judged = match version {
                Version::Revision(revision) => revision,
                Version::WorkTree | Version::Staged => "HEAD",
            };
            find_tree(repository, &find_fork(repository, revision, judged)?.to_string())
        }
    }
}

/// What differs between two stores. What is named need not be there in the old one; without a
/// standard input, of which there is only one now, it need not be in the new one either.
///
/// # Errors
/// Something cannot be read.
pub fn compare(
    request: &Request,
    old: &dyn Store,
    new: &dyn Store,
    stdin: Option<&mut dyn Read>,
) -> Result<Changed, InputError> {
    let plan = Plan::of(request);
    let tracked = tracked(&plan.paths);
    let search =
        |store| absent_is_nothing(discover(store, request, &tracked, &mut std::io::empty()));
    let was = search(old)?;
    let is_present = stdin.is_some();
    let mut is = match stdin {
        Some(stdin) => discover(new, request, &plan.paths, stdin)?,
        None => search(new)?,
    };
    is.adopt(new, &was);
    let mut before = absent_is_nothing(plan.read(old, was))?;
    let now = plan.read(new, is);
    let mut now = if is_present { now? } else { absent_is_nothing(now)? };
    let is_news = |of: &Sources, against: &Sources| {
        let is_new = |deployment: &&Deployment| !against.holds(deployment, &of.files);
        of.deployments.iter().filter(is_new).cloned().collect()
    };
    (now.deployments, before.deployments) = (is_news(&now, &before), is_news(&before, &now));
    now.drop_idle_notices(&before.notices);
    Ok(Changed { now, before })
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

impl Found {
    /// A file that was Refinery's still is, though it may now be empty or bent beyond recognition.
    fn adopt(&mut self, store: &dyn Store, was: &Self) {
        for item in &was.items {
            let Content::At(path) = &item.content else { continue };
            let name = &item.name;
            let is_known = self.items.iter().any(|known| known.name == *name);
            if !is_known && store.read(path, name).is_ok() {
                self.items.push(item.clone());
            }
        }
        self.items.sort_by(|a, b| a.name.cmp(&b.name));
    }
}

/// What makes a deployment what it is.
type Identity<'f> =
    ([Vec<(&'f str, &'f str, Option<DataFormat>)>; 2], &'f Circumstances, Vec<&'f str>);

fn identity<'f>(deployment: &'f Deployment, files: &'f Files) -> Identity<'f> {
    let halves = [&deployment.config, &deployment.rules].map(|half| {
        let identity = |source: &super::Source| {
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

    /// Keeps what is said of the deployments that are left, and what was not said before.
    fn drop_idle_notices(&mut self, before: &[String]) {
        let first = |deployment: &Deployment| {
            deployment.config.iter().chain(&deployment.rules).next().copied()
        };
        let firsts: Vec<_> = self.deployments.iter().filter_map(first).collect();
        let files = &self.files;
        let is_news = |notice: &String| {
            let is_about = |source: &&super::Source| {
                notice.starts_with(&files.get(files.outermost(source.file)).name)
            };
            firsts.iter().any(|source| is_about(&source)) || !before.contains(notice)
        };
        self.notices.retain(is_news);
    }
}
