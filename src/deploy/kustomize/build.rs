//! A kustomization and all that it builds on → the maps and pods that it makes.
//!
//! In Kustomize's order: what is collected, what is generated, components, patches, names, replicas,
//! images. Must not decide what of it is Refinery's.

use super::concern::{MOST, is_marked};
use super::generator::{Behaviour, generate};
use super::helm::describe_charts;
use super::kustomization::{Kustomization, is_remote, names_in};
use super::objects::{Built, Identity, Map, Pods};
use super::patch::apply_patches;
use super::transform::{change_images, change_names, change_replicas};
use crate::deploy::deployment_spec::DeploymentSpec;
use crate::deploy::documents::documents;
use crate::deploy::kubernetes::kind;
use crate::deploy::loader::Loader;
use crate::deploy::workload::way_to_pod;
use crate::deploy::{Outer, list, read_item};
use crate::sniff::containers::may_contain;
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use std::collections::BTreeSet;

/// Kustomizations do not build on each other deeper than this, as far as is followed.
const DEEPEST: usize = 64;

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
    /// Those that are being built, each on the next.
    open: Vec<String>,
    left: usize,
}

impl<'b, 's> Builder<'b, 's> {
    pub fn new(around: &'b mut Loader<'s>) -> Self {
        let (notices, open) = (Vec::new(), Vec::new());
        Self { around, notices, charts: Vec::new(), beneath: BTreeSet::new(), open, left: MOST }
    }

    /// Adds what a kustomization makes of what is there already.
    ///
    /// # Errors
    /// All files together are too large.
    pub fn build(&mut self, here: &Kustomization, built: &mut Built) -> Result<(), InputError> {
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

    pub fn say(&mut self, here: &Kustomization, what: &str) {
        self.notices.push(format!("{}: {what}", here.name));
    }

    /// A file by its name. That it is not there is said in the words of `absent`, and so is why it
    /// cannot be read.
    pub fn peek(&mut self, here: &Kustomization, name: &str, absent: &str) -> Option<String> {
        let why = match self.around.peek(name) {
            Ok(Some(text)) => return Some(text),
            Ok(None) => absent.to_owned(),
            Err(error) => format!("not judged as a whole: {}", error.message),
        };
        self.say(here, &why);
        None
    }

    fn collect(
        &mut self,
        here: &Kustomization,
        path: &str,
        built: &mut Built,
    ) -> Result<(), InputError> {
        let name = here.path(path);
        if self.around.is_folder(&name) {
            return self.enter(here, path, built, false);
        }
        let text = self.peek(here, &name, &absent(path));
        if text.is_some_and(|text| is_marked(&text) || may_contain(&text)) {
            self.read(here, &name, built)?;
        }
        Ok(())
    }

    /// Collects the objects in a file.
    fn read(
        &mut self,
        here: &Kustomization,
        name: &str,
        built: &mut Built,
    ) -> Result<(), InputError> {
        let Some((file, text)) = self.around.text(name)? else { return Ok(()) };
        for range in documents(&text) {
            let document = text.get(range.clone()).unwrap_or_default();
            let outer = Outer { start: range.start, ..Outer::of(name, file, &text) };
            match read_item(file, document) {
                Ok(item) => add_object(outer, &item.moved(range.start), built),
                Err(_) => self.say(here, &format!("`{name}` cannot be read as a whole")),
            }
        }
        Ok(())
    }

    /// Builds what is in a folder: beside what is there, or, if it is a component, on top of it.
    fn enter(
        &mut self,
        here: &Kustomization,
        path: &str,
        built: &mut Built,
        is_component: bool,
    ) -> Result<(), InputError> {
        let Some(below) = self.find(here, path)? else { return Ok(()) };
        self.beneath.insert(below.name.clone());
        if is_component {
            return self.build(&below, built);
        }
        let mut own = Built::default();
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
            let why = if self.around.is_folder(&folder) {
                format!("`{path}` has no kustomization")
            } else {
                absent(path)
            };
            self.say(here, &why);
            return Ok(None);
        };
        if self.open.contains(&name) {
            self.say(here, &format!("`{path}` builds on what it is part of, a circle"));
            return Ok(None);
        }
        if self.left == 0 || self.open.len() >= DEEPEST {
            self.say(here, &format!("`{path}` is not followed, it builds on too many others"));
            return Ok(None);
        }
        self.left -= 1;
        let Some((file, text)) = self.around.text(&name)? else { return Ok(None) };
        let below = Kustomization::parse(&name, file, text);
        if below.is_none() {
            self.say(here, &format!("`{name}` cannot be read, so what it makes is not known"));
        }
        Ok(below)
    }

    /// Says what may change things that have been built, and is not modelled.
    fn tell_unmodelled(&mut self, here: &Kustomization, built: &mut Built) {
        let names: Vec<String> = built.identities_mut().flat_map(|i| i.names.clone()).collect();
        let is_named =
            |item: &Item| item.text().is_some_and(|text| names.iter().any(|n| n == text));
        for key in UNMODELLED {
            if here.item.get(key).is_some_and(|item| item.any(&is_named)) {
                self.say(here, &format!("`{key}` are not followed"));
            }
        }
    }

    fn add_map(&mut self, here: &Kustomization, behaviour: Behaviour, map: Map, built: &mut Built) {
        let Identity { kind, .. } = &map.identity;
        let name = map.identity.name();
        let known = built.maps.iter_mut().rfind(|known| known.identity.is(kind, name));
        match (known, behaviour) {
            (Some(known), Behaviour::Merge) => known.put(map.data),
            (Some(known), Behaviour::Replace) => known.data = map.data,
            (Some(known), Behaviour::Create) => {
                let what = format!("`{name}` is made twice, which Kustomize refuses");
                known.data = map.data;
                self.say(here, &what);
            }
            (None, Behaviour::Merge | Behaviour::Replace) if !here.is_component() => {
                let what = format!("`{name}` is to be changed, but nothing makes it");
                built.maps.push(map);
                self.say(here, &what);
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

fn add_object(outer: Outer<'_>, object: &Item, built: &mut Built) {
    match kind(object) {
        Some("List") => {
            for item in list(object, "items") {
                add_object(outer, item, built);
            }
        }
        Some(kind) if way_to_pod(kind).is_some() => {
            let (identity, item) = (Identity::of(object), object.clone());
            built.pods.push(Pods { identity, item, tagged: None });
        }
        _ => built.maps.extend(Map::of(outer, object)),
    }
}
