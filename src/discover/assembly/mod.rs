//! Files → deployments: opens container files, pairs config and rules, and adds how they are
//! launched.
//!
//! Must not search for files.

mod candidates;
mod layer;
mod left;

mod runners;
mod sisters;
mod units;
mod values;

use super::Sources;
use super::candidate::Candidate;
use super::described::{deduplicate, files_in};
use super::items::Item;
use super::ledger::Ledger;
use super::machine_launch::MachineLaunch;
use super::origin::{Content, Origin};
use super::pair::{Member, Pair, describe, pair, settle_kinds};
use super::pinned::{explain_digests, find_pins};
use crate::deploy::Deployment;
use crate::deploy::compose::find_images;
use crate::deploy::deployment_spec::{DeploymentSpec, FileRef};
use crate::deploy::kubernetes::applied::Applied;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loaded::{LoadedFile, LoadedFiles};
use crate::deploy::loader::Loader;
use crate::deploy::map_use::MapUse;
use crate::deploy::unit::{InstalledFiles, InstalledVariables, Unit};
use crate::deploy::unlinked::UnlinkedContainer;
use crate::deploy::{EmbeddedFile, Opened, UnknownFile, open};
use crate::diagnostic::Finding;
use crate::notice::{Notice, texts_of};
use crate::release::Pin;
use crate::schema::Kind;
use crate::sniff::classify::FileClass;
use crate::sniff::containers::{applies_path, may_have_commands};
use crate::sniff::file_name::is_pipeline;
use crate::sniff::recognise::Generation;
use crate::source_name::SourceName;
use crate::span::{FileId, Span};
use crate::vfs::Vfs;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, split};
use left::V1;
use runners::is_runner;
use std::collections::{BTreeSet, HashSet};
use std::mem::take;
use std::sync::Arc;

/// Files that are being assembled into deployments.
pub struct Assembly {
    loaded: LoadedFiles,
    /// Recognised files. `member_files` and `launches` have the same indices.
    members: Vec<Member>,
    member_files: Vec<LoadedFile>,
    launches: Vec<LaunchSpec>,
    /// Described deployments by name, and files that others are based on.
    described: Vec<(SourceName, Deployment)>,
    bases: HashSet<String>,
    /// Files with changes of objects, which are checked with these objects.
    patches: HashSet<String>,
    /// Values files that are never used without others over them, and those that were merged.
    layers: HashSet<String>,
    merged: HashSet<String>,
    /// Values files with which the chart is installed.
    values: BTreeSet<String>,
    top_values: BTreeSet<String>,
    installed: Vec<InstalledFiles>,
    units: Vec<Unit>,
    variables: Vec<InstalledVariables>,
    launches_on_machine: Vec<MachineLaunch>,
    /// The names of entries, files and folders for Refinery 1.x.
    v1: Vec<String>,
    /// Dockerfiles, scripts, and documents with commands in strings.
    runners: Vec<LoadedFile>,
    /// Dockerfiles of described services.
    built: HashSet<String>,
    /// Containers whose files are unknown.
    unlinked: Vec<UnlinkedContainer>,
    /// The maps that pods need.
    maps: Vec<MapUse>,
    /// Files of containers that are not in sight.
    unknown: Vec<UnknownFile>,
    /// Kubernetes objects that are applied directly.
    applied: Applied,
    /// Notices, each with the file that was opened when it was made.
    notices: Vec<(String, Notice)>,
    /// Files that may be Refinery's, some of them loaded.
    candidates: Vec<(Candidate, Option<LoadedFile>)>,
    /// The names of files that may be values for the chart.
    possible_values: Vec<String>,
    /// The names of files that were added or opened.
    handled: HashSet<String>,
    /// Members found next to named files.
    beside: HashSet<String>,
    unchecked: Vec<Finding>,
    ledger: Ledger,
}

impl Assembly {
    pub fn new(loaded: LoadedFiles) -> Self {
        Self {
            loaded,
            members: Vec::new(),
            member_files: Vec::new(),
            launches: Vec::new(),
            described: Vec::new(),
            bases: HashSet::new(),
            patches: HashSet::new(),
            layers: HashSet::new(),
            merged: HashSet::new(),
            values: BTreeSet::new(),
            top_values: BTreeSet::new(),
            installed: Vec::new(),
            units: Vec::new(),
            variables: Vec::new(),
            v1: Vec::new(),
            runners: Vec::new(),
            built: HashSet::new(),
            unlinked: Vec::new(),
            launches_on_machine: Vec::new(),
            maps: Vec::new(),
            unknown: Vec::new(),
            applied: Applied::default(),
            notices: Vec::new(),
            candidates: Vec::new(),
            possible_values: Vec::new(),
            handled: HashSet::new(),
            beside: HashSet::new(),
            unchecked: Vec::new(),
            ledger: Ledger::default(),
        }
    }

    /// Loads a file, and opens it if it is a container file.
    ///
    /// # Errors
    /// It cannot be read, or all files together are too large.
    pub fn add(&mut self, store: &dyn Vfs, item: Item) -> Result<(), InputError> {
        let Item { name, class, format, content, origin } = item;
        self.handled.insert(name.clone());
        let loaded = match (content, self.loaded.find(&name)) {
            (_, Some(known)) if origin != Origin::Named => known.clone(),
            (Content::Bytes(bytes), _) => self.loaded.put(&name, format, bytes)?,
            (Content::At(path), _) => {
                let bytes = store.read(&path, &name)?;
                self.loaded.put(&name, format, bytes)?
            }
        };
        match class {
            FileClass::Refinery(_)
                if origin != Origin::Named && self.has_values(store, &name, &loaded) =>
            {
                self.open_or_leave(store, &name, &loaded)?;
            }
            FileClass::Refinery(recognised) => {
                self.beside.extend((origin == Origin::Beside).then(|| name.clone()));
                let member = Member { name: name.into(), recognised, bond: String::new() };
                self.push(member, loaded, LaunchSpec::default());
            }
            FileClass::Container if is_runner(&name) => {
                self.runners.extend((origin != Origin::Beside).then_some(loaded));
            }
            FileClass::Container => match self.wrapped_half(store, &name, origin, &loaded) {
                Some(candidate) => self.candidates.push((candidate, Some(loaded))),
                None if origin == Origin::Beside => {
                    let candidate = self.unusable_beside(&name, &loaded);
                    self.candidates.extend(candidate.map(|candidate| (candidate, Some(loaded))));
                }
                None => self.open_or_leave(store, &name, &loaded)?,
            },
        }
        Ok(())
    }

    /// Adds a file that may be Refinery's. This is decided once all others are known.
    pub fn consider(&mut self, candidate: Candidate) {
        self.candidates.push((candidate, None));
    }

    /// Adds files that may be values for the chart.
    pub fn consider_values(&mut self, names: Vec<String>) {
        self.possible_values = names;
    }

    fn open_or_leave(
        &mut self,
        store: &dyn Vfs,
        name: &str,
        file: &LoadedFile,
    ) -> Result<(), InputError> {
        let text = &self.loaded.files.get(file.source.file).text;
        let may_apply = || is_pipeline(name) && applies_path(text);
        let is_runner = format_of(name).is_some() && (may_have_commands(text) || may_apply());
        self.runners.extend(is_runner.then(|| file.clone()));
        if !self.open(store, file)? {
            self.ledger.leave(name, "no Refinery deployment in it");
        }
        Ok(())
    }

    fn push(&mut self, member: Member, loaded: LoadedFile, launch: LaunchSpec) {
        self.members.push(member);
        self.member_files.push(loaded);
        self.launches.push(launch);
    }

    /// Opens a container file; returns whether it had anything to check or report.
    fn open(&mut self, store: &dyn Vfs, outer: &LoadedFile) -> Result<bool, InputError> {
        let file = outer.source.file;
        self.handled.insert(self.loaded.files.get(file).name.to_string());
        let findings = outer.findings_as_container();
        let mut loader = Loader { store, loaded: &mut self.loaded };
        let opened = open(file, &mut loader)?;
        let is_any = opened.says_anything(&loader);
        let Opened {
            parts,
            objects,
            described,
            bases,
            patches,
            collected,
            values,
            top_values,
            installed,
            units,
            variables,
            layers,
            is_layer,
            built,
            lacking: _,
            maps_elsewhere: _,
            v1,
            unknown,
            unlinked,
            unchecked,
            notices,
        } = opened;
        self.built.extend(built);
        self.values.extend(values);
        self.top_values.extend(top_values);
        self.installed.extend(installed);
        self.units.extend(units);
        self.variables.extend(variables);
        self.merged.extend(layers);
        self.v1.extend(v1);
        self.unknown.extend(unknown);
        self.unlinked.extend(unlinked);
        for part in parts {
            self.push_part(part, &findings)?;
        }
        let messages = unchecked.iter().map(|finding| &finding.message);
        let reported: Arc<[String]> = texts_of(&notices).chain(messages).cloned().collect();
        for described in described {
            self.load_described(&findings, described, vec![Arc::clone(&reported)])?;
        }
        self.bases.extend(bases);
        self.patches.extend(patches);
        let name = &self.loaded.files.get(file).name;
        self.layers.extend(is_layer.then(|| name.to_string()));
        self.notices.extend(notices.into_iter().map(|notice| (name.to_string(), notice)));
        self.applied.add(name.as_str(), objects, collected);
        self.unchecked.extend(unchecked);
        Ok(is_any)
    }

    fn push_part(&mut self, part: EmbeddedFile, outer: &[Finding]) -> Result<(), InputError> {
        let EmbeddedFile { name, recognised, bond, .. } = &part;
        let (recognised, name, bond) = (*recognised, name.clone(), bond.clone());
        let launch = part.launch.clone();
        // Several files may lead to the same place.
        let is_named = |member: &Member| member.name == name && !name.place().is_empty();
        let is_same = |(member, its): (&Member, &LaunchSpec)| {
            is_named(member) && member.bond == bond && *its == launch
        };
        if launch == LaunchSpec::default() && self.members.iter().any(is_named)
            || self.members.iter().zip(&self.launches).any(is_same)
        {
            return Ok(());
        }
        let mut loaded = self.loaded.put_within(part)?;
        loaded.findings.extend(outer.iter().cloned());
        self.push(Member { name, recognised, bond }, loaded, launch);
        Ok(())
    }

    /// The findings on a whole file.
    fn findings_on(&self, file: &str) -> Vec<Finding> {
        self.loaded.find(file).map(LoadedFile::findings_as_container).unwrap_or_default()
    }

    /// Describes the pods of all applied objects.
    fn describe_applied(&mut self, store: &dyn Vfs) -> Result<(), InputError> {
        let applied = take(&mut self.applied);
        let mut loader = Loader { store, loaded: &mut self.loaded };
        for described in applied.describe(&mut loader)? {
            self.v1.extend(described.v1);
            let messages = described.unchecked.iter().map(|finding| &finding.message);
            let reported: Arc<[String]> =
                texts_of(&described.notices).chain(messages).cloned().collect();
            for (file, spec) in described.specs {
                let outer = self.findings_on(&file);
                self.load_described(&outer, spec, vec![Arc::clone(&reported)])?;
            }
            for part in described.parts {
                let outer = self.loaded.files.get(part.file).name.clone();
                let outer = self.findings_on(outer.file());
                self.push_part(part, &outer)?;
            }
            self.unchecked.extend(described.unchecked);
            self.unknown.extend(described.unknown);
            let file = |notice: &Notice| notice.about.first().map(|it| it.file().to_owned());
            let notices = described.notices.into_iter();
            self.notices.extend(notices.map(|it| (file(&it).unwrap_or_default(), it)));
        }
        Ok(())
    }

    /// Loads a described deployment.
    fn load_described(
        &mut self,
        outer: &[Finding],
        described: DeploymentSpec,
        reported: Vec<Arc<[String]>>,
    ) -> Result<(), InputError> {
        let DeploymentSpec { name, config, rules, launch, mut findings, maps } = described;
        // Several files may describe the same one.
        if self.described.iter().any(|(known, _)| *known == name) {
            return Ok(());
        }
        self.maps.extend(maps);
        findings.extend(outer.iter().cloned());
        let config = self.load(config)?;
        let rules = self.load(rules)?;
        let deployment =
            Deployment { launch, reported, ..Deployment::of(&config, &rules, findings) };
        self.described.push((name, deployment));
        Ok(())
    }

    fn load(&mut self, halves: Vec<FileRef>) -> Result<Vec<LoadedFile>, InputError> {
        let load = |half| match half {
            FileRef::Embedded(part) => self.loaded.put_within(*part),
            FileRef::OnDisk(loaded) => Ok(loaded),
        };
        halves.into_iter().map(load).collect()
    }

    /// Assembles the deployments.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn finish(mut self, store: &dyn Vfs, into: &mut Sources) -> Result<(), InputError> {
        self.leave_patches();
        settle_kinds(&mut self.members);
        self.leave_v1();
        self.settle_candidates(store)?;
        self.leave_layers();
        self.leave_read_twice();
        let runners = self.open_runners(store)?;
        self.describe_applied(store)?;
        self.describe_runners(runners)?;
        self.launch_units();
        self.find_unusable_values(store)?;
        settle_kinds(&mut self.members);
        self.leave_v1();
        self.settle_unknown();
        // Bases are reported with the files that are based on them.
        let reported = self.notices.drain(..).filter(|(file, _)| !self.bases.contains(file));
        into.notices.extend(reported.map(|(_, notice)| notice));
        let described = take(&mut self.described);
        let own = described.iter().filter(|(name, _)| !self.bases.contains(name.file()));
        into.supplied.extend(own.flat_map(|(name, deployment)| {
            let halves = [(Kind::Config, &deployment.config), (Kind::Rules, &deployment.rules)];
            let known = halves.into_iter().filter(|(_, files)| !files.is_empty());
            known.map(|(kind, _)| (name.clone(), kind)).collect::<Vec<_>>()
        }));
        into.maps = take(&mut self.maps);
        into.launches = take(&mut self.launches_on_machine);
        self.find_images(store)?;
        let pairs = pair(&self.members);
        let paired = self.in_whole_pairs(&pairs);
        let settled = deduplicate(described, &self.bases, &paired, &self.loaded.files);
        into.notices.extend(settled.iter().map(|whole| whole.describe(&self.loaded.files)));
        let covered = files_in(&settled, &self.loaded.files);
        let mut all = Vec::new();
        for found in pairs
            .into_iter()
            .filter(|&found| !self.is_in(&covered, found) && !self.is_beside(found))
        {
            if self.is_v1(found) {
                let process = self.container_beside(found);
                let pin = process.and_then(|process| process.launch.release.as_ref());
                let first = found.config.or(found.rules).and_then(|it| self.member_files.get(it));
                // The container may have reported the same already.
                let is_new = |finding: &Finding| {
                    self.unchecked.iter().all(|known| known.primary() != finding.primary())
                };
                let finding = pin.and_then(Pin::finding).filter(is_new).zip(first);
                into.unchecked.extend(finding.map(|(finding, file)| {
                    finding.at(Span::new(file.source.file, 0, 0), "in the same folder")
                }));
                let halves = [found.config, found.rules].into_iter().flatten();
                for member in halves.filter_map(|half| self.members.get(half)) {
                    into.ledger.leave(member.name.file(), V1);
                }
                continue;
            }
            into.notices.push(describe(found, &self.members));
            into.notices.extend(self.find_layer(found));
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
        let mut reported = HashSet::new();
        into.notices.retain(|notice| reported.insert(notice.clone()));
        into.unchecked.append(&mut self.unchecked);
        into.unchecked.dedup();
        into.ledger.absorb(self.ledger);
        into.files = self.loaded.files;
        explain_digests(into);
        find_pins(&self.loaded.near, store, into);
        Ok(())
    }

    /// Reports files of containers that were not found. A plain file of the same kind in the folder
    /// of a container may become one of them, and is checked, unless its location is known.
    fn settle_unknown(&mut self) {
        // A file that another deployment uses cannot be one of them.
        let used: HashSet<FileId> =
            self.described.iter().flat_map(|(_, deployment)| deployment.files()).collect();
        let used: HashSet<&str> =
            used.into_iter().map(|file| self.loaded.files.get(file).name.as_str()).collect();
        for UnknownFile { container, kind, may_be_prepared, finding } in take(&mut self.unknown) {
            let folder = split(container.file()).0;
            let may_be = |member: &&Member| {
                member.recognised.kind == kind
                    && member.bond.is_empty()
                    && !used.contains(member.name.as_str())
                    && split(member.name.file()).0 == folder
            };
            if self.bases.contains(container.file()) {
                continue;
            }
            match self.members.iter().find(may_be).filter(|_| may_be_prepared) {
                Some(file) => {
                    let what = format!("{}; `{}` is checked", finding.message, file.name);
                    self.notices
                        .push((container.file().to_owned(), Notice::on(container.clone(), what)));
                }
                None => self.unchecked.push(finding),
            }
        }
    }

    /// The names of all files in complete pairs.
    fn in_whole_pairs(&self, pairs: &[Pair]) -> HashSet<&str> {
        let halves = pairs.iter().filter_map(|pair| Some([pair.config?, pair.rules?])).flatten();
        halves.filter_map(|half| Some(self.members.get(half)?.name.as_str())).collect()
    }

    /// Whether all its files were only read to complete named ones.
    fn is_beside(&self, pair: Pair) -> bool {
        let mut halves = [pair.config, pair.rules].into_iter().flatten();
        halves.all(|half| {
            self.members.get(half).is_some_and(|m| self.beside.contains(m.name.as_str()))
        })
    }

    /// Whether all its files belong to described deployments.
    fn is_in(&self, covered: &HashSet<&str>, pair: Pair) -> bool {
        let mut halves = [pair.config, pair.rules].into_iter().flatten();
        halves.all(|half| self.members.get(half).is_some_and(|m| covered.contains(m.name.as_str())))
    }

    fn assemble(&self, pair: Pair) -> Deployment {
        let half = |index: Option<usize>| {
            let loaded = index.and_then(|index| self.member_files.get(index));
            loaded.map(std::slice::from_ref).unwrap_or_default()
        };
        let deployment = Deployment::of(half(pair.config), half(pair.rules), Vec::new());
        let launch = self.launch_of(pair);
        let beside = || self.container_beside(pair).map(|process| process.launch.clone());
        let is_silent = launch == LaunchSpec::default();
        let mut launch = if is_silent { beside().unwrap_or_default() } else { launch };
        // Files for 2.x next to a container of 1.x belong to another process.
        launch.release = launch.release.filter(|pin| !pin.is_first_generation());
        Deployment { launch, ..deployment }
    }

    /// Adds the images built in the folders of plain files without another container.
    fn find_images(&mut self, store: &dyn Vfs) -> Result<(), InputError> {
        let loose = self.members.iter().filter(|member| member.bond.is_empty());
        let folders: BTreeSet<String> =
            loose.map(|member| split(member.name.file()).0.to_owned()).collect();
        for folder in folders {
            if !self.unlinked.iter().any(|unlinked| unlinked.folder == folder) {
                let mut loader = Loader { store, loaded: &mut self.loaded };
                self.unlinked.extend(find_images(&folder, &mut loader)?);
            }
        }
        Ok(())
    }

    /// The only container with unknown files in the folder of plain files.
    fn container_beside(&self, pair: Pair) -> Option<&UnlinkedContainer> {
        let first = self.members.get(pair.config.or(pair.rules)?)?;
        let folder = split(first.name.file()).0;
        let mut beside = self.unlinked.iter().filter(|unlinked| unlinked.folder == folder);
        let is_loose = first.bond.is_empty();
        let process = beside.next().filter(|_| is_loose)?;
        beside.all(|other| other.launch == process.launch).then_some(process)
    }

    /// Whether files for 1.x are next to a container that runs it.
    fn is_v1(&self, pair: Pair) -> bool {
        let mut halves = [pair.config, pair.rules].into_iter().flatten();
        let is_first = |half: usize| {
            self.members.get(half).is_some_and(|m| m.recognised.generation == Generation::First)
        };
        halves.all(is_first)
            && self.container_beside(pair).is_some_and(|process| {
                process.launch.release.as_ref().is_some_and(Pin::is_first_generation)
            })
    }

    /// How a pair is launched: as known for either file, the config first.
    fn launch_of(&self, pair: Pair) -> LaunchSpec {
        let halves = [pair.config, pair.rules].into_iter().flatten();
        let mut own: Vec<LaunchSpec> =
            halves.filter_map(|half| self.launches.get(half)).cloned().collect();
        let says_little = |launch: &LaunchSpec| {
            LaunchSpec { release: None, ..launch.clone() } == LaunchSpec::default()
        };
        own.sort_by_key(says_little);
        let launch = own
            .into_iter()
            .reduce(|one, other| LaunchSpec { release: one.release.or(other.release), ..one });
        launch.unwrap_or_default()
    }
}
