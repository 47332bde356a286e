//! All that was found → deployments: containers opened, halves paired, circumstances added.
//!
//! Must not search for files.

use super::Sources;
use super::items::{Content, Item, not_recognised};
use super::pair::{Member, Pair, describe, pair};
use super::whole::{files_in, settle};
use crate::deploy::Deployment;
use crate::deploy::deployment_spec::{DeploymentSpec, FileRef};
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loaded::{LoadedFile, LoadedFiles};
use crate::deploy::loader::Loader;
use crate::deploy::scaling::ScalingObject;
use crate::deploy::workload::Workload;
use crate::deploy::{EmbeddedFile, Opened, open};
use crate::diagnostic::Finding;
use crate::sniff::classify::FileClass;
use crate::vfs::input_error::InputError;
use crate::vfs::path::split;
use crate::vfs::store::Vfs;
use std::collections::HashSet;
use std::sync::Arc;

/// Files on their way to deployments.
pub struct Assembly {
    shelf: LoadedFiles,
    /// Each with its place on the shelf and what is known of how it is run, in step.
    members: Vec<Member>,
    shelved: Vec<LoadedFile>,
    given: Vec<LaunchSpec>,
    /// What files describe as a whole, by name, and the files that others of these build on.
    described: Vec<(String, Deployment)>,
    beneath: HashSet<String>,
    workloads: Vec<Workload>,
    companions: Vec<ScalingObject>,
    /// Each with the file that it is about.
    notices: Vec<(String, String)>,
}

impl Assembly {
    pub fn new(shelf: LoadedFiles) -> Self {
        Self {
            shelf,
            members: Vec::new(),
            shelved: Vec::new(),
            given: Vec::new(),
            described: Vec::new(),
            beneath: HashSet::new(),
            workloads: Vec::new(),
            companions: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Reads a file, and opens it if it is a container.
    ///
    /// # Errors
    /// It cannot be read, or all files together are too large.
    pub fn add(&mut self, store: &dyn Vfs, item: Item) -> Result<(), InputError> {
        let is_named = matches!(item.content, Content::Bytes(_));
        let shelved = match (item.content, self.shelf.find(&item.name)) {
            (Content::Bytes(bytes), _) => self.shelf.put(&item.name, item.format, bytes)?,
            (Content::At(_), Some(known)) => known.clone(),
            (Content::At(path), None) => {
                let bytes = store.read(&path, &item.name)?;
                self.shelf.put(&item.name, item.format, bytes)?
            }
        };
        match item.sort {
            FileClass::Refinery(recognised) => {
                let member = Member { name: item.name, recognised, bond: String::new() };
                self.push(member, shelved, LaunchSpec::default());
            }
            FileClass::Container => {
                let is_idle = !self.open(store, &shelved)?;
                if is_named && is_idle {
                    return Err(not_recognised(&item.name));
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, member: Member, shelved: LoadedFile, given: LaunchSpec) {
        self.members.push(member);
        self.shelved.push(shelved);
        self.given.push(given);
    }

    /// Says whether there was anything to say of what is in it.
    fn open(&mut self, store: &dyn Vfs, outer: &LoadedFile) -> Result<bool, InputError> {
        let file = outer.source.file;
        let mut around = Loader { store, shelf: &mut self.shelf };
        let Opened { parts, workloads, companions, described, beneath, notices } =
            open(file, &mut around)?;
        let is_pods = !(workloads.is_empty() && companions.is_empty());
        let is_any = is_pods || !(parts.is_empty() && described.is_empty() && notices.is_empty());
        for part in parts {
            let EmbeddedFile { name, recognised, bond, .. } = &part;
            let (recognised, name, bond) = (*recognised, name.clone(), bond.clone());
            let given = part.given.clone();
            let mut shelved = self.shelf.put_within(part)?;
            shelved.findings.extend(outer.findings.iter().cloned());
            self.push(Member { name, recognised, bond }, shelved, given);
        }
        let told: Arc<[String]> = notices.as_slice().into();
        for described in described {
            self.load_described(outer, described, vec![Arc::clone(&told)])?;
        }
        self.beneath.extend(beneath);
        let of_pods = workloads.iter().flat_map(|pods| pods.notices.clone());
        let name = &self.shelf.files.get(file).name;
        self.notices.extend(of_pods.chain(notices).map(|notice| (name.clone(), notice)));
        self.workloads.extend(workloads);
        self.companions.extend(companions);
        Ok(is_any)
    }

    /// Loads what a container describes as a whole, with what is said of it.
    fn load_described(
        &mut self,
        outer: &LoadedFile,
        described: DeploymentSpec,
        told: Vec<Arc<[String]>>,
    ) -> Result<(), InputError> {
        let DeploymentSpec { name, config, rules, given, mut findings } = described;
        // Several files may lead to the same.
        if self.described.iter().any(|(known, _)| *known == name) {
            return Ok(());
        }
        findings.extend(outer.findings.iter().cloned());
        let config = self.load(config)?;
        let rules = self.load(rules)?;
        let deployment = Deployment { given, told, ..Deployment::of(&config, &rules, findings) };
        self.described.push((name, deployment));
        Ok(())
    }

    fn load(&mut self, halves: Vec<FileRef>) -> Result<Vec<LoadedFile>, InputError> {
        let load = |half| match half {
            FileRef::Embedded(part) => self.shelf.put_within(*part),
            FileRef::OnDisk(shelved) => Ok(shelved),
        };
        halves.into_iter().map(load).collect()
    }

    /// Puts together what belongs together.
    pub fn finish(mut self, into: &mut Sources) {
        // What others build on is told with these.
        let told = self.notices.drain(..).filter(|(file, _)| !self.beneath.contains(file));
        into.notices.extend(told.map(|(_, notice)| notice));
        let described = std::mem::take(&mut self.described);
        let pairs = pair(&self.members);
        let paired = self.in_whole_pairs(&pairs);
        let settled = settle(described, &self.beneath, &paired, &self.shelf.files);
        into.notices.extend(settled.iter().map(|whole| whole.tell(&self.shelf.files)));
        let covered = files_in(&settled, &self.shelf.files);
        let mut all = Vec::new();
        for found in pairs.into_iter().filter(|&found| !self.is_in(&covered, found)) {
            into.notices.push(describe(found, &self.members));
            let deployment = self.assemble(found);
            into.notices.extend(self.tell_release(found, &deployment.given));
            let first = found.config.or(found.rules).and_then(|first| self.members.get(first));
            all.push((first.map(|member| member.name.clone()).unwrap_or_default(), deployment));
        }
        all.extend(
            settled
                .into_iter()
                .filter_map(|mut whole| Some((whole.names.drain(..).next()?, whole.deployment))),
        );
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        into.deployments.extend(all.into_iter().map(|(_, deployment)| deployment));
        let mut told = HashSet::new();
        into.notices.retain(|notice| told.insert(notice.clone()));
        into.files = self.shelf.files;
    }

    /// The names of all that is paired with another half.
    fn in_whole_pairs(&self, pairs: &[Pair]) -> HashSet<&str> {
        let halves = pairs.iter().filter_map(|pair| Some([pair.config?, pair.rules?])).flatten();
        halves.filter_map(|half| Some(self.members.get(half)?.name.as_str())).collect()
    }

    /// Do all its files belong to what some file describes as a whole?
    fn is_in(&self, covered: &HashSet<&str>, pair: Pair) -> bool {
        let mut halves = [pair.config, pair.rules].into_iter().flatten();
        halves.all(|half| self.members.get(half).is_some_and(|m| covered.contains(m.name.as_str())))
    }

    fn assemble(&self, pair: Pair) -> Deployment {
        let half = |index: Option<usize>| {
            let shelved = index.and_then(|index| self.shelved.get(index));
            shelved.map(std::slice::from_ref).unwrap_or_default()
        };
        let deployment = Deployment::of(half(pair.config), half(pair.rules), Vec::new());
        Deployment { given: self.circumstances(pair), ..deployment }
    }

    /// Of the config, else of the rules; pods that run with them know better.
    fn circumstances(&self, pair: Pair) -> LaunchSpec {
        let halves = || [pair.config, pair.rules].into_iter().flatten();
        let workload = halves().find_map(|half| self.workload_of(self.members.get(half)?));
        let own = halves().filter_map(|half| self.given.get(half)).cloned();
        let own = own.reduce(|one, other| if one.release.is_some() { one } else { other });
        let own = own.unwrap_or_default();
        match workload {
            Some(pods) => {
                let mut given = pods.given.clone();
                given.release = given.release.or(own.release);
                for companion in &self.companions {
                    companion.tell(pods, &mut given.machine);
                }
                given
            }
            None => own,
        }
    }

    /// The one kind of pods in the same folder that mounts a text.
    fn workload_of(&self, member: &Member) -> Option<&Workload> {
        let (file, inner) = member.name.split_once('#')?;
        let object = inner.split_once(':')?.0;
        let fits = |workload: &&Workload| {
            split(&workload.file).0 == split(file).0
                && workload.mounts.iter().any(|mount| mount == object)
                && workload.may_mount(&member.bond)
        };
        let mut fitting = self.workloads.iter().filter(fits);
        fitting.next().filter(|_| fitting.next().is_none())
    }

    fn tell_release(&self, pair: Pair, given: &LaunchSpec) -> Option<String> {
        let member = self.members.get(pair.config.or(pair.rules)?)?;
        let named = given.release.as_ref()?;
        Some(format!("{}: Refinery {}, by {}", member.name, named.release, named.place))
    }
}

impl Deployment {
    /// Files from the shelf, with what was found of them.
    pub(super) fn of(
        config: &[LoadedFile],
        rules: &[LoadedFile],
        mut findings: Vec<Finding>,
    ) -> Self {
        findings.extend(config.iter().chain(rules).flat_map(|shelved| shelved.findings.clone()));
        let sources = |half: &[LoadedFile]| half.iter().map(|shelved| shelved.source).collect();
        let given = LaunchSpec::default();
        Self { config: sources(config), rules: sources(rules), findings, given, ..Self::default() }
    }
}
