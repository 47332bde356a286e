//! Files that are not recognised by their content: which of them are checked, and as what.

use super::Assembly;
use super::sisters::find_sisters;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loaded::LoadedFile;
use crate::deploy::loader::Loader;
use crate::deploy::pins::installing;
use crate::deploy::{CHART_FILE, find_source, is_layered, is_suggested};
use crate::discover::candidate::{Candidate, Claim, Neighbours, State, decide};
use crate::discover::items::NO_KEYS;
use crate::discover::origin::{Content, Origin};
use crate::discover::pair::Member;
use crate::discover::unchecked::finding;
use crate::notice::Notice;
use crate::schema::Kind;
use crate::sniff::file_name::{is_values, kind_of_name, sets_up_machine, without_template};
use crate::sniff::flaw::{Flaw, find_flaw, first_action};
use crate::sniff::recognise::{Generation, Recognised};
use crate::sniff::unrecognised::{Condition, examine};
use crate::syntax::DataFormat;
use crate::vfs::Vfs;
use crate::vfs::decode::decode;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split, split_extension};
use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;
use std::path::Path;

impl Assembly {
    /// A file named like a config or rules file whose content is nested under one key, unless it is
    /// chart values.
    pub(super) fn wrapped_half(
        &mut self,
        store: &dyn Vfs,
        name: &str,
        origin: Origin,
        file: &LoadedFile,
    ) -> Option<Candidate> {
        // A name on the command line does not say that it is not values.
        let origin = if origin == Origin::Named { Origin::Walked } else { origin };
        let text = self.loaded.files.get(file.source.file).text.clone();
        let flaw = kind_of_name(name).and_then(|_| find_flaw(file.source.format, &text));
        let flaw = flaw.filter(|flaw| matches!(flaw, Flaw::Wrapped { .. }))?;
        let chart = join(split(name).0, CHART_FILE);
        let loader = Loader { store, loaded: &mut self.loaded };
        let source = find_source(name, &text, &loader).filter(|source| !source.is_guessed);
        let is_chart = source.is_some() || store.read(Path::new(&chart), &chart).is_ok();
        let content = Content::Bytes(Vec::new());
        let named = (name.to_owned(), file.source.format);
        let condition = Condition::Flawed(flaw);
        (!(is_chart
            || is_values(name)
            || sets_up_machine(without_template(name).unwrap_or(name))
            || has_variables(name, &text, flaw)))
        .then(|| Candidate::new(named, content, condition, false, origin))
    }

    /// A file beside a named one that has the name of a config or rules file, but does not parse or is no
    /// mapping.
    pub(super) fn unusable_beside(&self, name: &str, file: &LoadedFile) -> Option<Candidate> {
        let text = &self.loaded.files.get(file.source.file).text;
        let condition = examine(file.source.format, text);
        let is_no_mapping =
            matches!(condition, Condition::NotAMapping | Condition::Broken { is_other: false });
        let is_text = kind_of_name(name).is_some() && is_no_mapping;
        let named = (name.to_owned(), file.source.format);
        let content = Content::Bytes(Vec::new());
        is_text.then(|| Candidate::new(named, content, condition, false, Origin::Beside))
    }

    /// Whether a file with the keys of a config or rules file has values for the chart instead,
    /// according to another file.
    pub(super) fn has_values(&mut self, store: &dyn Vfs, name: &str, file: &LoadedFile) -> bool {
        if kind_of_name(name).is_some() {
            return false;
        }
        let text = self.loaded.files.get(file.source.file).text.clone();
        let loader = Loader { store, loaded: &mut self.loaded };
        find_source(name, &text, &loader).is_some_and(|source| source.is_whole())
    }

    /// Decides about the files that are not recognised by their content.
    pub(super) fn settle_candidates(&mut self, store: &dyn Vfs) -> Result<(), InputError> {
        let candidates = take(&mut self.candidates);
        let members = self.members.clone();
        let recognised = Neighbours::new(&members);
        let all = || candidates.iter().map(|(candidate, _)| candidate);
        let couples = all().filter(|candidate| candidate.may_be_half());
        let couples = folders_with_both(couples, Candidate::may_have_keys);
        let unusable = all().filter(|candidate| candidate.is_unusable_half());
        let wrapped = folders_with_both(unusable, Candidate::is_wrapped);
        let sisters = find_sisters(all(), store);
        let folders = folders_like_files(&recognised, store).into_iter().map(|it| (it, None));
        for (candidate, loaded) in candidates.into_iter().chain(folders) {
            let is_rendered = self.loaded.rendered.borrow().contains(&candidate.name);
            if is_rendered && matches!(candidate.state, State::Template { .. }) {
                continue;
            }
            if self.is_emptied_layer(store, &candidate) {
                self.ledger.leave(&candidate.name, "values without keys");
                continue;
            }
            let claim = decide(&candidate, &recognised);
            let is_couple = couples.contains(split(&candidate.name).0) && candidate.may_be_half();
            let claim = claim.or_else(|| is_couple.then(|| candidate.claim_by_path())?);
            let is_wrapped =
                wrapped.contains(split(&candidate.name).0) && candidate.is_unusable_half();
            let claim = claim.or_else(|| is_wrapped.then(|| candidate.claim_wrapped())?);
            let sister = sisters.get(split(&candidate.name).0);
            let sister = sister.filter(|_| candidate.is_unusable_half());
            let claim = claim.or_else(|| candidate.claim_like(sister?));
            match (claim, loaded) {
                (None, _) if candidate.origin == Origin::Beside => {}
                (None, Some(loaded)) => self.open_or_leave(store, &candidate.name, &loaded)?,
                (None, None) if candidate.state == State::Folder => {}
                (None, None) => self.open_values_or_leave(store, &candidate)?,
                (Some(claim), loaded) => self.take(candidate, claim, loaded)?,
            }
        }
        for name in take(&mut self.possible_values) {
            let near = &self.loaded.near;
            // One that was only read below others is open, too: it may be unusable.
            let is_open = !self.handled.contains(&name) && near.may_install(store, &name);
            let bytes = if is_open { Some(store.read(Path::new(&name), &name)?) } else { None };
            let is_opened = match bytes {
                Some(bytes) => self.open_values(store, &name, None, bytes)?,
                None => false,
            };
            if !is_opened {
                self.ledger.leave(&name, NO_KEYS);
            }
        }
        Ok(())
    }

    /// Whether a candidate has no values, but is a layer over values, or a new file that is named like
    /// values.
    fn is_emptied_layer(&mut self, store: &dyn Vfs, candidate: &Candidate) -> bool {
        let is_empty = matches!(
            candidate.state,
            State::Read(Condition::Flawed(Flaw::Empty | Flaw::Comments | Flaw::NoKeys))
        );
        if !is_empty || candidate.origin == Origin::Named {
            return false;
        }
        let is_new = candidate.was.is_none();
        is_new && (self.values.contains(&candidate.name) || self.is_like_values(&candidate.name))
            || is_layered(&candidate.name, &Loader { store, loaded: &mut self.loaded })
    }

    /// Whether files named like this one, beside it or in the folder of another environment, have values
    /// for the chart, and none is a config or rules file itself.
    fn is_like_values(&self, name: &str) -> bool {
        let (folder, own) = split(name);
        let is_alike = |member: &&Member| {
            let (its_folder, its_own) = split(member.name.file());
            let is_beside = its_folder == folder && kind_of_name(its_own) == kind_of_name(own);
            is_beside || its_own == own && split(its_folder).0 == split(folder).0
        };
        let mut alike = self.members.iter().filter(is_alike).peekable();
        alike.peek().is_some()
            && alike.all(|it| Kind::ALL.iter().any(|kind| it.name.place() == kind.word()))
    }

    fn open_values_or_leave(
        &mut self,
        store: &dyn Vfs,
        candidate: &Candidate,
    ) -> Result<(), InputError> {
        let Candidate { name, format, content, .. } = candidate;
        let is_opened = match content {
            Content::Bytes(bytes) => self.open_values(store, name, *format, bytes.clone())?,
            Content::At(_) => false,
        };
        if !is_opened {
            self.ledger.leave(name, candidate.reason());
            let is_named = !installing(&self.loaded.near, store, name).is_empty();
            self.values.extend(is_named.then(|| name.clone()));
        }
        Ok(())
    }

    /// Opens values for the chart although nothing in them shows that they are Refinery's; returns
    /// whether another file says that they are.
    fn open_values(
        &mut self,
        store: &dyn Vfs,
        name: &str,
        format: Option<DataFormat>,
        bytes: Vec<u8>,
    ) -> Result<bool, InputError> {
        let format = format.or(Some(DataFormat::Yaml));
        let text = decode(bytes.clone(), format).text;
        let loader = Loader { store, loaded: &mut self.loaded };
        let source = find_source(name, &text, &loader);
        if source.is_none_or(|source| !source.is_for_refinery()) {
            // A list may be anything.
            let is_list = text.trim_start().starts_with("- ");
            let is_meant = is_suggested(name, &loader) && !is_list;
            self.values.extend(is_meant.then(|| name.to_owned()));
            return Ok(false);
        }
        if self.loaded.rendered.borrow().contains(name) {
            return Ok(true);
        }
        let loaded = match self.loaded.find(name) {
            Some(known) => known.clone(),
            None => self.loaded.put(name, format, bytes)?,
        };
        match first_action(&text).filter(|_| without_template(name).is_some()) {
            Some(at) => {
                let finding = Flaw::Template(at).finding(loaded.source.file, name, &text);
                self.unchecked.push(finding);
            }
            None => self.open_or_leave(store, name, &loaded)?,
        }
        Ok(true)
    }

    /// Adds a candidate as decided.
    fn take(
        &mut self,
        candidate: Candidate,
        claim: Claim,
        loaded: Option<LoadedFile>,
    ) -> Result<(), InputError> {
        let loaded = match (loaded, &candidate.content) {
            (Some(loaded), _) => loaded,
            (None, Content::Bytes(bytes)) => {
                self.loaded.put(&candidate.name, candidate.format, bytes.clone())?
            }
            (None, Content::At(_)) => return Ok(()),
        };
        match claim {
            Claim::Half(kind, why) => {
                let name = candidate.name;
                if candidate.origin != Origin::Named {
                    let what = format!("checked as a {} file, because {why}", kind.word());
                    self.notices.push((name.clone(), Notice::on(&name, what)));
                }
                let recognised = Recognised { kind, generation: Generation::Second };
                let member = Member { name: name.into(), recognised, bond: String::new() };
                self.push(member, loaded, LaunchSpec::default());
            }
            Claim::Unchecked(why) => {
                let file = loaded.source.file;
                let text = &self.loaded.files.get(file).text;
                self.unchecked.push(finding(&candidate, &why, file, text));
            }
        }
        Ok(())
    }
}

/// Whether a file whose content is nested under a key sets a variable of Ansible, Hiera or Salt.
fn has_variables(name: &str, text: &str, flaw: Flaw) -> bool {
    // `vars` and `defaults` may be folders of anything.
    const FOLDERS: [&str; 2] = ["group_vars", "host_vars"];
    let Flaw::Wrapped { at, length } = flaw else { return false };
    let key = text.get(at..at + length).unwrap_or_default();
    split(name).0.split('/').any(|folder| FOLDERS.contains(&folder))
        || key.contains("::")
        || split_extension(name).1 == "sls"
}

/// The folders of candidates with both halves, by their names, one of which shows whose they are.
fn folders_with_both<'c>(
    candidates: impl Iterator<Item = &'c Candidate>,
    shows: fn(&Candidate) -> bool,
) -> BTreeSet<String> {
    let mut halves: BTreeMap<&str, Vec<&Candidate>> = BTreeMap::new();
    for candidate in candidates {
        halves.entry(split(&candidate.name).0).or_default().push(candidate);
    }
    halves.retain(|_, halves| {
        let has = |kind: &Kind| halves.iter().any(|half| half.kind == Some(*kind));
        Kind::ALL.iter().all(has) && halves.iter().any(|half| shows(half))
    });
    halves.into_keys().map(str::to_owned).collect()
}

/// Folders that are named like the other half of a file next to them.
fn folders_like_files(recognised: &Neighbours<'_>, store: &dyn Vfs) -> Vec<Candidate> {
    let mut found = Vec::new();
    for folder in recognised.lone_folders() {
        let here = Path::new(if folder.is_empty() { "." } else { folder });
        let names = store.names(here).into_iter();
        let names = names.filter(|name| format_of(name).is_some() && kind_of_name(name).is_some());
        let names = names.map(|name| join(folder, &name));
        found.extend(names.filter(|name| store.is_folder(Path::new(name))).map(Candidate::folder));
    }
    found
}
