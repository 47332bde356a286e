//! A kustomization and all that it builds on → the maps and pods that it makes.
//!
//! In Kustomize's order: what is collected, what is generated, components, patches, names, replicas,
//! images. Must not decide what of it is Refinery's.

use super::concern::{MOST, is_marked};
use super::generator::{Behaviour, generate};
use super::helm::describe_charts;
use super::kustomization::{Kustomization, is_remote, names_in};
use super::patch::apply_patches;
use super::transform::{change_images, change_names, change_replicas};
use super::unfollowed::{Doubt, find_unfollowed, find_unreadable};
use crate::deploy::deployment_spec::DeploymentSpec;
use crate::deploy::documents::documents;
use crate::deploy::kubernetes::objects::{Identity, Map, Objects};
use crate::deploy::loader::Loader;
use crate::deploy::{Outer, read_item};
use crate::diagnostic::Finding;
use crate::git::ignored::is_ignored;
use crate::sniff::containers::may_contain;
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use std::collections::BTreeSet;

/// Kustomizations do not build on each other deeper than this, as far as is followed.
const DEEPEST: usize = 64;

/// Of what is not followed nobody reads more.
const MOST_FINDINGS: usize = 20;

/// Keys under which things are changed in ways that are not modelled.
const UNMODELLED: [&str; 2] = ["replacements", "vars"];

/// What builds.
pub struct Builder<'b, 's> {
    pub around: &'b mut Loader<'s>,
    pub notices: Vec<String>,
    /// What charts make.
    pub charts: Vec<DeploymentSpec>,
    /// The kustomizations below the first one.
    pub beneath: BTreeSet<String>,
    /// Files whose objects are collected.
    pub collected: BTreeSet<String>,
    /// What certainly stops Kustomize.
    pub unchecked: Vec<Finding>,
    /// What is not followed, and matters if it is about Refinery.
    pub doubts: Vec<Doubt>,
    /// Those that are being built, each on the next.
    open: Vec<String>,
    left: usize,
}

impl<'b, 's> Builder<'b, 's> {
    pub fn new(around: &'b mut Loader<'s>) -> Self {
        Self {
            around,
            notices: Vec::new(),
            charts: Vec::new(),
            beneath: BTreeSet::new(),
            collected: BTreeSet::new(),
            unchecked: Vec::new(),
            doubts: Vec::new(),
            open: Vec::new(),
            left: MOST,
        }
    }

    /// Adds what a kustomization makes of what is there already.
    ///
    /// # Errors
    /// All files together are too large.
    pub fn build(&mut self, here: &Kustomization, built: &mut Objects) -> Result<(), InputError> {
        self.open.push(here.name.clone());
        for path in here.resources() {
            self.collect(here, path, built)?;
        }
        for (behaviour, map) in generate(here, self) {
            self.add_map(here, behaviour, map, built);
        }
        let charts = describe_charts(here, self)?;
        self.charts.extend(charts);
        for path in here.words("components") {
            self.enter(here, path, built, true)?;
        }
        apply_patches(here, self, built)?;
        self.tell_unmodelled(here, built);
        change_names(here, built);
        change_replicas(here, built);
        change_images(here, built);
        self.open.pop();
        Ok(())
    }

    /// Notes what stops Kustomize.
    pub fn stop(&mut self, here: &Kustomization, named: &str, what: &str) {
        if self.unchecked.len() < MOST_FINDINGS {
            self.unchecked.push(find_unfollowed(here, named, what));
        }
    }

    /// Notes what is not followed here; `about` names the object that it is about, if that is known.
    pub fn doubt(&mut self, here: &Kustomization, named: &str, what: &str, about: Option<&str>) {
        if self.doubts.len() >= MOST_FINDINGS {
            return;
        }
        let finding = find_unfollowed(here, named, what);
        self.doubts.push(Doubt { about: about.map(str::to_owned), finding });
    }

    /// A file by its name, as `named` leads to it. That it is not there is said in the words of
    /// `absent`, and so is why it cannot be read.
    pub fn peek(
        &mut self,
        here: &Kustomization,
        name: &str,
        named: &str,
        absent: &str,
    ) -> Option<String> {
        match self.around.peek(name) {
            Ok(Some(text)) => return Some(text),
            Ok(None) => self.miss(here, name, named, absent),
            Err(error) => {
                let what = format!("not checked as a whole: {}", error.message);
                self.stop(here, named, &what);
            }
        }
        None
    }

    /// Something that is named is not there. What git ignores is made before the build.
    fn miss(&mut self, here: &Kustomization, name: &str, named: &str, absent: &str) {
        if is_remote(named) || is_ignored(name) {
            self.doubt(here, named, absent, None);
        } else {
            self.stop(here, named, absent);
        }
    }

    fn collect(
        &mut self,
        here: &Kustomization,
        path: &str,
        built: &mut Objects,
    ) -> Result<(), InputError> {
        let name = here.path(path);
        if self.around.is_folder(&name) {
            return self.enter(here, path, built, false);
        }
        let text = self.peek(here, &name, path, &absent(path));
        if text.is_some_and(|text| is_marked(&text) || may_contain(&text) || may_be_used(&text)) {
            self.read(&name, built)?;
        }
        Ok(())
    }

    /// Collects the objects in a file.
    fn read(&mut self, name: &str, built: &mut Objects) -> Result<(), InputError> {
        let Some((file, text)) = self.around.text(name)? else { return Ok(()) };
        self.collected.insert(name.to_owned());
        for range in documents(&text) {
            let document = text.get(range.clone()).unwrap_or_default();
            let outer = Outer { start: range.start, ..Outer::of(name, file, &text) };
            match read_item(file, document) {
                Ok(item) => built.add(outer, &item.moved(range.start)),
                Err(fault) => {
                    let fault = fault.map(|span| span.moved(range.start));
                    self.unchecked.push(find_unreadable(name, file, fault));
                }
            }
        }
        Ok(())
    }

    /// Builds what is in a folder: beside what is there, or, if it is a component, on top of it.
    fn enter(
        &mut self,
        here: &Kustomization,
        path: &str,
        built: &mut Objects,
        is_component: bool,
    ) -> Result<(), InputError> {
        let Some(below) = self.find(here, path)? else { return Ok(()) };
        self.beneath.insert(below.name.clone());
        if is_component {
            return self.build(&below, built);
        }
        let mut own = Objects::default();
        self.build(&below, &mut own)?;
        built.absorb(own);
        Ok(())
    }

    /// The kustomization in a folder, if it is to be followed.
    fn find(
        &mut self,
        here: &Kustomization,
        path: &str,
    ) -> Result<Option<Kustomization>, InputError> {
        let folder = here.path(path);
        let found = names_in(&folder).find(|name| matches!(self.around.peek(name), Ok(Some(_))));
        let Some(name) = found.filter(|_| !is_remote(path) || self.around.is_folder(&folder))
        else {
            if self.around.is_folder(&folder) {
                self.stop(here, path, &format!("`{path}` has no kustomization"));
            } else {
                self.miss(here, &folder, path, &absent(path));
            }
            return Ok(None);
        };
        if self.open.contains(&name) {
            self.stop(here, path, &format!("`{path}` builds on what it is part of, a circle"));
            return Ok(None);
        }
        if self.left == 0 || self.open.len() >= DEEPEST {
            let what = format!("`{path}` is not followed, it builds on too many others");
            self.doubt(here, path, &what, None);
            return Ok(None);
        }
        self.left -= 1;
        let Some((file, text)) = self.around.text(&name)? else { return Ok(None) };
        match Kustomization::parse(&name, file, text) {
            Ok(below) => Ok(Some(below)),
            Err(fault) => {
                self.unchecked.push(find_unreadable(&name, file, fault));
                Ok(None)
            }
        }
    }

    /// Notes what may change things that have been built, and is not modelled.
    fn tell_unmodelled(&mut self, here: &Kustomization, built: &mut Objects) {
        let names: Vec<String> = built.identities_mut().flat_map(|i| i.names.clone()).collect();
        for key in UNMODELLED {
            let Some(item) = here.item.get(key) else { continue };
            for name in &names {
                if item.any(&|item: &Item| item.text() == Some(name)) {
                    self.doubt(here, name, &format!("`{key}` are not followed"), Some(name));
                }
            }
        }
    }

    fn add_map(
        &mut self,
        here: &Kustomization,
        behaviour: Behaviour,
        map: Map,
        built: &mut Objects,
    ) {
        let Identity { kind, .. } = &map.identity;
        let name = map.identity.name();
        let known = built.maps.iter_mut().rfind(|known| known.identity.is(kind, name));
        match (known, behaviour) {
            (Some(known), Behaviour::Merge) => known.put(map.data),
            (Some(known), Behaviour::Replace) => known.data = map.data,
            (Some(known), Behaviour::Create) => {
                let what = format!("`{name}` is made twice, which Kustomize refuses");
                let name = name.to_owned();
                known.data = map.data;
                self.stop(here, &name, &what);
            }
            (None, Behaviour::Merge | Behaviour::Replace) if !here.is_component() => {
                let what = format!("`{name}` is to be changed, but nothing makes it");
                let name = name.to_owned();
                built.maps.push(map);
                self.stop(here, &name, &what);
            }
            (None, _) => built.maps.push(map),
        }
    }
}

fn absent(path: &str) -> String {
    if is_remote(path) {
        format!("`{path}` lies on the network, where this check does not go")
    } else {
        format!("`{path}` does not exist, so what it makes is not known")
    }
}

/// May pods take a map of this text, whatever is in it?
fn may_be_used(text: &str) -> bool {
    ["kind: ConfigMap", "kind: Secret"].iter().any(|kind| text.contains(kind))
}
