//! All that was found → deployments: containers opened, halves paired, circumstances added.
//!
//! Must not search for files.

use super::circumstances::Circumstances;
use super::container::{Companion, Opened, Part, Workload, open};
use super::input_error::InputError;
use super::items::{Content, Item, not_recognised};
use super::pair::{Member, Pair, describe, pair};
use super::path::{name_of, split};
use super::shelf::{Shelf, Shelved};
use super::sort::Sort;
use super::store::Store;
use super::{Deployment, Sources};
use crate::diagnostic::Finding;
use std::path::Path;

/// Files on their way to deployments.
pub struct Assembly {
    shelf: Shelf,
    /// Each with its place on the shelf and what is known of how it is run, in step.
    members: Vec<Member>,
    shelved: Vec<Shelved>,
    given: Vec<Circumstances>,
    workloads: Vec<Workload>,
    companions: Vec<Companion>,
    notices: Vec<String>,
}

impl Assembly {
    pub fn new(shelf: Shelf) -> Self {
        let (members, shelved, given) = (Vec::new(), Vec::new(), Vec::new());
        let (workloads, companions, notices) = (Vec::new(), Vec::new(), Vec::new());
        Self { shelf, members, shelved, given, workloads, companions, notices }
    }

    /// Reads a file, and opens it if it is a container.
    ///
    /// # Errors
    /// It cannot be read, or all files together are too large.
    pub fn add(&mut self, store: &dyn Store, item: Item) -> Result<(), InputError> {
        let is_named = matches!(item.content, Content::Bytes(_));
        let bytes = match item.content {
            Content::Bytes(bytes) => bytes,
            Content::At(path) => store.read(&path, &item.name)?,
        };
        let shelved = self.shelf.put(&item.name, item.format, bytes)?;
        match item.sort {
            Sort::Refinery(recognised) => {
                let member = Member { name: item.name, recognised, bond: String::new() };
                self.push(member, shelved, Circumstances::default());
            }
            Sort::Container => {
                let beside = chart_beside(store, &item.name);
                let is_idle = !self.open(&item.name, &shelved, beside.as_deref())?;
                if is_named && is_idle {
                    return Err(not_recognised(&item.name));
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, member: Member, shelved: Shelved, given: Circumstances) {
        self.members.push(member);
        self.shelved.push(shelved);
        self.given.push(given);
    }

    /// Says whether there was anything to say of what is in it.
    fn open(
        &mut self,
        name: &str,
        outer: &Shelved,
        beside: Option<&str>,
    ) -> Result<bool, InputError> {
        let file = outer.source.file;
        let text = &self.shelf.files.get(file).text;
        let Opened { parts, workloads, companions, notices } = open(file, name, text, beside);
        let is_pods = !(workloads.is_empty() && companions.is_empty());
        let is_any = is_pods || !(parts.is_empty() && notices.is_empty());
        for part in parts {
            let Part { name, recognised, bond, .. } = &part;
            let (recognised, name, bond) = (*recognised, name.clone(), bond.clone());
            let given = part.given.clone();
            let mut shelved = self.shelf.put_within(file, part)?;
            shelved.findings.extend(outer.findings.iter().cloned());
            self.push(Member { name, recognised, bond }, shelved, given);
        }
        self.notices.extend(workloads.iter().filter_map(|pods| pods.notice.clone()));
        self.workloads.extend(workloads);
        self.companions.extend(companions);
        self.notices.extend(notices);
        Ok(is_any)
    }

    /// Puts together what belongs together.
    pub fn finish(self, into: &mut Sources) {
        into.notices.extend(self.notices.iter().cloned());
        for found in pair(&self.members) {
            into.notices.push(describe(found, &self.members));
            let deployment = self.assemble(found);
            into.notices.extend(self.tell_release(found, &deployment.given));
            into.deployments.push(deployment);
        }
        into.files = self.shelf.files;
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
    fn circumstances(&self, pair: Pair) -> Circumstances {
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
                && member.bond.ends_with(&workload.namespace)
        };
        let mut fitting = self.workloads.iter().filter(fits);
        fitting.next().filter(|_| fitting.next().is_none())
    }

    fn tell_release(&self, pair: Pair, given: &Circumstances) -> Option<String> {
        let member = self.members.get(pair.config.or(pair.rules)?)?;
        let named = given.release.as_ref()?;
        Some(format!("{}: Refinery {}, by {}", member.name, named.release, named.place))
    }
}

/// What describes the chart that values in this folder are of.
fn chart_beside(store: &dyn Store, name: &str) -> Option<String> {
    let path = Path::new(name).with_file_name("Chart.yaml");
    let bytes = store.read(&path, &name_of(&path)).ok()?;
    String::from_utf8(bytes).ok()
}

impl Deployment {
    /// Files from the shelf, with what was found of them.
    pub(super) fn of(config: &[Shelved], rules: &[Shelved], mut findings: Vec<Finding>) -> Self {
        findings.extend(config.iter().chain(rules).flat_map(|shelved| shelved.findings.clone()));
        let sources = |half: &[Shelved]| half.iter().map(|shelved| shelved.source).collect();
        let given = Circumstances::default();
        Self { config: sources(config), rules: sources(rules), findings, given }
    }
}
