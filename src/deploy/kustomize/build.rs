//! Builds a kustomization with its bases → maps and pods.
//!
//! Follows Kustomize's order: resources, generators, components, patches, names, replicas, images.
//! Must not decide which of the results are Refinery's.

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

/// The maximum depth of kustomizations.
const DEEPEST: usize = 64;

/// The maximum number of findings about what is not followed.
const MOST_FINDINGS: usize = 20;

/// Keys that change objects in ways that are not modelled.
const UNMODELLED: [&str; 2] = ["replacements", "vars"];

/// Builds kustomizations.
pub struct Builder<'b, 's> {
    pub loader: &'b mut Loader<'s>,
    pub notices: Vec<String>,
    /// Deployments from Helm charts.
    pub charts: Vec<DeploymentSpec>,
    /// The kustomizations that the first one is based on.
    pub bases: BTreeSet<String>,
    /// Files whose objects are collected.
    pub collected: BTreeSet<String>,
    /// Errors that certainly stop Kustomize.
    pub unchecked: Vec<Finding>,
    /// Parts that are not followed, which matters if they are about Refinery.
    pub doubts: Vec<Doubt>,
    /// The kustomizations being built, outermost first.
    open: Vec<String>,
    left: usize,
}

impl<'b, 's> Builder<'b, 's> {
    pub fn new(loader: &'b mut Loader<'s>) -> Self {
        Self {
            loader,
            notices: Vec::new(),
            charts: Vec::new(),
            bases: BTreeSet::new(),
            collected: BTreeSet::new(),
            unchecked: Vec::new(),
            doubts: Vec::new(),
            open: Vec::new(),
            left: MOST,
        }
    }

    /// Builds a kustomization on top of the objects built so far.
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
        self.note_unmodelled(here, built);
        change_names(here, built);
        change_replicas(here, built);
        change_images(here, built);
        self.open.pop();
        Ok(())
    }

    /// Notes an error that stops Kustomize.
    pub fn stop(&mut self, here: &Kustomization, named: &str, what: &str) {
        if self.unchecked.len() < MOST_FINDINGS {
            self.unchecked.push(find_unfollowed(here, named, what));
        }
    }

    /// Notes a part that is not followed; `about` is the object that it changes, if known.
    pub fn doubt(&mut self, here: &Kustomization, named: &str, what: &str, about: Option<&str>) {
        if self.doubts.len() >= MOST_FINDINGS {
            return;
        }
        let finding = find_unfollowed(here, named, what);
        self.doubts.push(Doubt { about: about.map(str::to_owned), finding });
    }

    /// The text of a file that `named` refers to. `absent` is the message if it does not exist.
    pub fn peek(
        &mut self,
        here: &Kustomization,
        name: &str,
        named: &str,
        absent: &str,
    ) -> Option<String> {
        match self.loader.peek(name) {
            Ok(Some(text)) => return Some(text),
            Ok(None) => self.miss(here, name, named, absent),
            Err(error) => {
                let what = format!("only partly checked: {}", error.message);
                self.stop(here, named, &what);
            }
        }
        None
    }

    /// Notes a missing file. Files that git ignores may be created before the build.
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
        if self.loader.is_folder(&name) {
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
        let Some((file, text)) = self.loader.text(name)? else { return Ok(()) };
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

    /// Builds the kustomization in a folder: separately, or, if it is a component, on top of the
    /// objects so far.
    fn enter(
        &mut self,
        here: &Kustomization,
        path: &str,
        built: &mut Objects,
        is_component: bool,
    ) -> Result<(), InputError> {
        let Some(below) = self.find(here, path)? else { return Ok(()) };
        self.bases.insert(below.name.clone());
        if is_component {
            return self.build(&below, built);
        }
        let mut own = Objects::default();
        self.build(&below, &mut own)?;
        built.absorb(own);
        Ok(())
    }

    /// The kustomization in a folder, if it can be followed.
    fn find(
        &mut self,
        here: &Kustomization,
        path: &str,
    ) -> Result<Option<Kustomization>, InputError> {
        let folder = here.path(path);
        let found = names_in(&folder).find(|name| matches!(self.loader.peek(name), Ok(Some(_))));
        let Some(name) = found.filter(|_| !is_remote(path) || self.loader.is_folder(&folder))
        else {
            if self.loader.is_folder(&folder) {
                self.stop(here, path, &format!("no kustomization in `{path}`"));
            } else {
                self.miss(here, &folder, path, &absent(path));
            }
            return Ok(None);
        };
        if self.open.contains(&name) {
            self.stop(here, path, &format!("`{path}` is part of a cycle"));
            return Ok(None);
        }
        if self.left == 0 || self.open.len() >= DEEPEST {
            let what = format!("`{path}` is not followed, because it has too many bases");
            self.doubt(here, path, &what, None);
            return Ok(None);
        }
        self.left -= 1;
        let Some((file, text)) = self.loader.text(&name)? else { return Ok(None) };
        match Kustomization::parse(&name, file, text) {
            Ok(below) => Ok(Some(below)),
            Err(fault) => {
                self.unchecked.push(find_unreadable(&name, file, fault));
                Ok(None)
            }
        }
    }

    /// Notes keys that are not modelled and may change objects.
    fn note_unmodelled(&mut self, here: &Kustomization, built: &mut Objects) {
        let names: Vec<String> = built.identities_mut().flat_map(|i| i.names.clone()).collect();
        for key in UNMODELLED {
            let Some(item) = here.item.get(key) else { continue };
            for name in &names {
                if item.any(&|item: &Item| item.text() == Some(name)) {
                    self.doubt(here, name, &format!("`{key}` is not supported"), Some(name));
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
                let what = format!("`{name}` is generated twice, which Kustomize rejects");
                let name = name.to_owned();
                known.data = map.data;
                self.stop(here, &name, &what);
            }
            (None, Behaviour::Merge | Behaviour::Replace) if !here.is_component() => {
                let what = format!("`{name}` is merged or replaced, but does not exist");
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
        format!("`{path}` is on the network and is not downloaded")
    } else {
        format!("`{path}` does not exist, so its objects are unknown")
    }
}

/// Whether the text has maps that pods may use.
fn may_be_used(text: &str) -> bool {
    ["kind: ConfigMap", "kind: Secret"].iter().any(|kind| text.contains(kind))
}
