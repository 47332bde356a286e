//! All that was found → deployments: containers opened, halves paired, circumstances added.
//!
//! Must not search for files.

use super::Sources;
use super::candidate::{Candidate, Claim, decide};
use super::items::{Content, Item, Origin};
use super::ledger::Ledger;
use super::pair::{Member, Pair, describe, pair};
use super::unchecked::finding;
use super::whole::{files_in, settle};
use crate::deploy::Deployment;
use crate::deploy::deployment_spec::{DeploymentSpec, FileRef};
use crate::deploy::kubernetes::applied::Applied;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loaded::{LoadedFile, LoadedFiles};
use crate::deploy::loader::Loader;
use crate::deploy::lone::{LoneProcess, find_images};
use crate::deploy::pins::find_image;
use crate::deploy::{CHART_FILE, EmbeddedFile, Opened, open};
use crate::diagnostic::Finding;
use crate::release::Pin;
use crate::sniff::classify::FileClass;
use crate::sniff::file_name::kind_of_name;
use crate::sniff::flaw::{Flaw, find_flaw};
use crate::sniff::recognise::{Generation, Recognised};
use crate::sniff::unrecognised::Condition;
use crate::span::Span;
use crate::vfs::Vfs;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Why files of 1.x are left alone where that is what runs.
const V1: &str = "read by Refinery 1.x";

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
    /// The names of texts, files and folders that Refinery 1.x reads.
    v1: Vec<String>,
    /// Containers of which no file is known.
    lone: Vec<LoneProcess>,
    /// Kubernetes objects that are applied as they stand.
    applied: Applied,
    /// Each with the file that it is about.
    notices: Vec<(String, String)>,
    /// Files that may be Refinery's, some of them loaded.
    candidates: Vec<(Candidate, Option<LoadedFile>)>,
    /// Members that lie beside what is named.
    beside: HashSet<String>,
    unchecked: Vec<Finding>,
    ledger: Ledger,
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
            v1: Vec::new(),
            lone: Vec::new(),
            applied: Applied::default(),
            notices: Vec::new(),
            candidates: Vec::new(),
            beside: HashSet::new(),
            unchecked: Vec::new(),
            ledger: Ledger::default(),
        }
    }

    /// Reads a file, and opens it if it is a container.
    ///
    /// # Errors
    /// It cannot be read, or all files together are too large.
    pub fn add(&mut self, store: &dyn Vfs, item: Item) -> Result<(), InputError> {
        let Item { name, class, format, content, origin } = item;
        let shelved = match (content, self.shelf.find(&name)) {
            (_, Some(known)) if origin != Origin::Named => known.clone(),
            (Content::Bytes(bytes), _) => self.shelf.put(&name, format, bytes)?,
            (Content::At(path), _) => {
                let bytes = store.read(&path, &name)?;
                self.shelf.put(&name, format, bytes)?
            }
        };
        match class {
            FileClass::Refinery(recognised) => {
                self.beside.extend((origin == Origin::Beside).then(|| name.clone()));
                let member = Member { name, recognised, bond: String::new() };
                self.push(member, shelved, LaunchSpec::default());
            }
            FileClass::Container if origin == Origin::Beside => {}
            FileClass::Container => match self.wrapped_half(store, &name, &shelved) {
                Some(candidate) => self.candidates.push((candidate, Some(shelved))),
                None => self.open_or_leave(store, &name, &shelved)?,
            },
        }
        Ok(())
    }

    /// Remembers a file that may be Refinery's, which is known when all others are.
    pub fn consider(&mut self, candidate: Candidate) {
        self.candidates.push((candidate, None));
    }

    /// A file named like one of the two halves whose content stands under one key: the values of a
    /// chart, or a half that Refinery reads as it is.
    fn wrapped_half(&self, store: &dyn Vfs, name: &str, file: &LoadedFile) -> Option<Candidate> {
        let text = &self.shelf.files.get(file.source.file).text;
        let flaw = kind_of_name(name).and_then(|_| find_flaw(file.source.format, text));
        let flaw = flaw.filter(|flaw| matches!(flaw, Flaw::Wrapped { .. }))?;
        let chart = join(split(name).0, CHART_FILE);
        let is_chart = store.read(Path::new(&chart), &chart).is_ok();
        let content = Content::Bytes(Vec::new());
        let named = (name.to_owned(), file.source.format);
        let condition = Condition::Flawed(flaw);
        (!is_chart).then(|| Candidate::new(named, content, condition, None, Origin::Walked))
    }

    fn open_or_leave(
        &mut self,
        store: &dyn Vfs,
        name: &str,
        file: &LoadedFile,
    ) -> Result<(), InputError> {
        if !self.open(store, file)? {
            self.ledger.leave(name, "describes no Refinery deployment");
        }
        Ok(())
    }

    /// Decides what the files are that are not recognised by what is in them.
    fn settle_candidates(&mut self, store: &dyn Vfs) -> Result<(), InputError> {
        let candidates = std::mem::take(&mut self.candidates);
        let recognised = self.members.clone();
        for (candidate, loaded) in candidates {
            match (decide(&candidate, &recognised), loaded) {
                (None, Some(loaded)) => self.open_or_leave(store, &candidate.name, &loaded)?,
                (None, None) if candidate.origin == Origin::Beside => {}
                (None, None) => self.ledger.leave(&candidate.name, candidate.reason()),
                (Some(claim), loaded) => self.take(candidate, claim, loaded)?,
            }
        }
        Ok(())
    }

    /// Takes a candidate for what it is.
    fn take(
        &mut self,
        candidate: Candidate,
        claim: Claim,
        loaded: Option<LoadedFile>,
    ) -> Result<(), InputError> {
        let loaded = match (loaded, &candidate.content) {
            (Some(loaded), _) => loaded,
            (None, Content::Bytes(bytes)) => {
                self.shelf.put(&candidate.name, candidate.format, bytes.clone())?
            }
            (None, Content::At(_)) => return Ok(()),
        };
        match claim {
            Claim::Half(kind, why) => {
                let name = candidate.name;
                if candidate.origin != Origin::Named {
                    let what = format!("{name}: checked as Refinery's {}: {why}", kind.word());
                    self.notices.push((name.clone(), what));
                }
                let recognised = Recognised { kind, generation: Generation::Second };
                let member = Member { name, recognised, bond: String::new() };
                self.push(member, loaded, LaunchSpec::default());
            }
            Claim::Unchecked(why) => {
                let file = loaded.source.file;
                let text = &self.shelf.files.get(file).text;
                self.unchecked.push(finding(&candidate, &why, file, text));
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
        let opened = open(file, &mut around)?;
        let is_any = opened.says_anything(&around);
        let Opened { parts, objects, described, beneath, collected, v1, lone, unchecked, notices } =
            opened;
        self.v1.extend(v1);
        self.lone.extend(lone);
        for part in parts {
            self.push_part(part, &outer.findings)?;
        }
        let messages = unchecked.iter().map(|finding| &finding.message);
        let told: Arc<[String]> = notices.iter().chain(messages).cloned().collect();
        for described in described {
            self.load_described(&outer.findings, described, vec![Arc::clone(&told)])?;
        }
        self.beneath.extend(beneath);
        let name = &self.shelf.files.get(file).name;
        self.notices.extend(notices.into_iter().map(|notice| (name.clone(), notice)));
        self.applied.add(name, objects, collected);
        self.unchecked.extend(unchecked);
        Ok(is_any)
    }

    fn push_part(&mut self, part: EmbeddedFile, outer: &[Finding]) -> Result<(), InputError> {
        let EmbeddedFile { name, recognised, bond, .. } = &part;
        let (recognised, name, bond) = (*recognised, name.clone(), bond.clone());
        let given = part.given.clone();
        let mut shelved = self.shelf.put_within(part)?;
        shelved.findings.extend(outer.iter().cloned());
        self.push(Member { name, recognised, bond }, shelved, given);
        Ok(())
    }

    /// What is said of a whole file.
    fn findings_on(&self, file: &str) -> Vec<Finding> {
        self.shelf.find(file).map(|outer| outer.findings.clone()).unwrap_or_default()
    }

    /// Describes the pods of all objects that are applied as they stand.
    fn describe_applied(&mut self, store: &dyn Vfs) -> Result<(), InputError> {
        let applied = std::mem::take(&mut self.applied);
        let mut around = Loader { store, shelf: &mut self.shelf };
        for described in applied.describe(&mut around)? {
            self.v1.extend(described.v1);
            let notices = described.notices.iter().map(|(_, notice)| notice);
            let messages = described.unchecked.iter().map(|finding| &finding.message);
            let told: Arc<[String]> = notices.chain(messages).cloned().collect();
            for (file, spec) in described.specs {
                let outer = self.findings_on(&file);
                self.load_described(&outer, spec, vec![Arc::clone(&told)])?;
            }
            for part in described.parts {
                let outer = self.shelf.files.get(part.file).name.clone();
                let outer = self.findings_on(&outer);
                self.push_part(part, &outer)?;
            }
            self.unchecked.extend(described.unchecked);
            self.notices.extend(described.notices);
        }
        Ok(())
    }

    /// Loads what a container describes as a whole, with what is said of it.
    fn load_described(
        &mut self,
        outer: &[Finding],
        described: DeploymentSpec,
        told: Vec<Arc<[String]>>,
    ) -> Result<(), InputError> {
        let DeploymentSpec { name, config, rules, given, mut findings } = described;
        // Several files may lead to the same.
        if self.described.iter().any(|(known, _)| *known == name) {
            return Ok(());
        }
        findings.extend(outer.iter().cloned());
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
    ///
    /// # Errors
    /// Something cannot be read.
    pub fn finish(mut self, store: &dyn Vfs, into: &mut Sources) -> Result<(), InputError> {
        self.leave_v1();
        self.settle_candidates(store)?;
        self.describe_applied(store)?;
        self.leave_v1();
        // What others build on is told with these.
        let told = self.notices.drain(..).filter(|(file, _)| !self.beneath.contains(file));
        into.notices.extend(told.map(|(_, notice)| notice));
        let described = std::mem::take(&mut self.described);
        self.find_images(store)?;
        let pairs = pair(&self.members);
        let paired = self.in_whole_pairs(&pairs);
        let settled = settle(described, &self.beneath, &paired, &self.shelf.files);
        into.notices.extend(settled.iter().map(|whole| whole.tell(&self.shelf.files)));
        let covered = files_in(&settled, &self.shelf.files);
        let mut all = Vec::new();
        for found in pairs
            .into_iter()
            .filter(|&found| !self.is_in(&covered, found) && !self.is_beside(found))
        {
            if self.is_v1(found) {
                let process = self.process_beside(found);
                let pin = process.and_then(|process| process.launch.release.as_ref());
                let first = found.config.or(found.rules).and_then(|it| self.shelved.get(it));
                // What the container's own description has said is not said again.
                let is_new = |finding: &Finding| {
                    self.unchecked.iter().all(|known| known.primary() != finding.primary())
                };
                let finding = pin.and_then(Pin::finding).filter(is_new).zip(first);
                into.unchecked.extend(finding.map(|(finding, file)| {
                    finding.at(Span::new(file.source.file, 0, 0), "this file is beside it")
                }));
                let halves = [found.config, found.rules].into_iter().flatten();
                for member in halves.filter_map(|half| self.members.get(half)) {
                    into.ledger.leave(&member.name, V1);
                }
                continue;
            }
            into.notices.push(describe(found, &self.members));
            let deployment = self.assemble(found);
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
        into.unchecked.append(&mut self.unchecked);
        into.unchecked.dedup();
        into.ledger.absorb(self.ledger);
        into.files = self.shelf.files;
        explain_digests(into);
        find_pins(store, into);
        Ok(())
    }

    /// Leaves alone what Refinery 1.x reads. What is described with another release is checked there.
    fn leave_v1(&mut self) {
        let v1 = std::mem::take(&mut self.v1);
        // Of a folder, what lies in it and no deeper.
        let is_v1 = |name: &str| v1.iter().any(|known| name == known || split(name).0 == known);
        let (mut members, mut shelved, mut given) = (Vec::new(), Vec::new(), Vec::new());
        let all = self.members.drain(..).zip(self.shelved.drain(..)).zip(self.given.drain(..));
        for ((member, file), launch) in all {
            if is_v1(&member.name) {
                self.ledger.leave(&member.name, V1);
                continue;
            }
            members.push(member);
            shelved.push(file);
            given.push(launch);
        }
        (self.members, self.shelved, self.given) = (members, shelved, given);
        for (candidate, _) in self.candidates.extract_if(.., |(it, _)| is_v1(&it.name)) {
            self.ledger.leave(&candidate.name, V1);
        }
        self.v1 = v1;
    }

    /// The names of all that is paired with another half.
    fn in_whole_pairs(&self, pairs: &[Pair]) -> HashSet<&str> {
        let halves = pairs.iter().filter_map(|pair| Some([pair.config?, pair.rules?])).flatten();
        halves.filter_map(|half| Some(self.members.get(half)?.name.as_str())).collect()
    }

    /// Does it consist of files that were looked at for the sake of others?
    fn is_beside(&self, pair: Pair) -> bool {
        let mut halves = [pair.config, pair.rules].into_iter().flatten();
        halves.all(|half| self.members.get(half).is_some_and(|m| self.beside.contains(&m.name)))
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
        let given = self.circumstances(pair);
        let beside = || self.process_beside(pair).map(|process| process.launch.clone());
        let is_silent = given == LaunchSpec::default();
        let mut given = if is_silent { beside().unwrap_or_default() } else { given };
        // Files of 2.x beside a container of 1.x belong to another process.
        given.release = given.release.filter(|pin| !pin.is_first_generation());
        Deployment { given, ..deployment }
    }

    /// Adds the containers of images that are built beside loose files, where no other one is known.
    fn find_images(&mut self, store: &dyn Vfs) -> Result<(), InputError> {
        let loose = self.members.iter().filter(|member| member.bond.is_empty());
        let folders: BTreeSet<String> =
            loose.map(|member| split(&member.name).0.to_owned()).collect();
        for folder in folders {
            if !self.lone.iter().any(|lone| lone.folder == folder) {
                let mut around = Loader { store, shelf: &mut self.shelf };
                self.lone.extend(find_images(&folder, &mut around)?);
            }
        }
        Ok(())
    }

    /// The only container described in the folder of loose files of which no file is known.
    fn process_beside(&self, pair: Pair) -> Option<&LoneProcess> {
        let first = self.members.get(pair.config.or(pair.rules)?)?;
        let folder = split(&first.name).0;
        let mut beside = self.lone.iter().filter(|lone| lone.folder == folder);
        let is_loose = first.bond.is_empty();
        let process = beside.next().filter(|_| is_loose)?;
        beside.all(|other| other.launch == process.launch).then_some(process)
    }

    /// Files of 1.x beside a container that runs it are as they should be.
    fn is_v1(&self, pair: Pair) -> bool {
        let mut halves = [pair.config, pair.rules].into_iter().flatten();
        let is_first = |half: usize| {
            self.members.get(half).is_some_and(|m| m.recognised.generation == Generation::First)
        };
        halves.all(is_first)
            && self.process_beside(pair).is_some_and(|process| {
                process.launch.release.as_ref().is_some_and(Pin::is_first_generation)
            })
    }

    /// Of the half that pods say most of, else of the config, else of the rules.
    fn circumstances(&self, pair: Pair) -> LaunchSpec {
        let halves = [pair.config, pair.rules].into_iter().flatten();
        let mut own: Vec<LaunchSpec> =
            halves.filter_map(|half| self.given.get(half)).cloned().collect();
        let says_little = |given: &LaunchSpec| {
            LaunchSpec { release: None, ..given.clone() } == LaunchSpec::default()
        };
        own.sort_by_key(says_little);
        let given = own
            .into_iter()
            .reduce(|one, other| LaunchSpec { release: one.release.or(other.release), ..one });
        given.unwrap_or_default()
    }
}

/// Finds the releases that files near a deployment run it with.
fn find_pins(store: &dyn Vfs, sources: &mut Sources) {
    let files = &sources.files;
    for deployment in sources.deployments.iter_mut().filter(|d| d.given.release.is_none()) {
        let names: Vec<&str> = deployment.files().map(|file| &*files.get(file).name).collect();
        deployment.given.release = find_image(store, &names);
    }
}

/// Takes the release of an image's digest from the comment after it.
fn explain_digests(sources: &mut Sources) {
    for deployment in &mut sources.deployments {
        let Some(pin) = &mut deployment.given.release else { continue };
        let Some(span) = pin.span else { continue };
        let text = sources.files.get(span.file).text.get(span.range().end..).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        if let Some((_, comment)) = line.split_once('#') {
            pin.explain(comment);
        }
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
