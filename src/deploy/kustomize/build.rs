//! Builds a kustomization with its bases → maps and pods.
//!
//! Follows Kustomize's order: resources, generators, components, patches, names, replicas, images.
//! Must not decide which of the results are Refinery's.

use super::build_state::BuildState;
use super::concern::{MOST, is_marked};
use super::fields::find_wrong_fields;
use super::generator::{Behaviour, generate};
use super::helm::describe_charts;
use super::kustomization::{Kustomization, is_remote, names_in};
use super::patch::apply_patches;
use super::replacement::note_replacements;
use super::transform::{change_images, change_labels, change_names, change_replicas};
use super::unfollowed::{find_unparsable, find_unreadable};
use crate::deploy::documents::documents;
use crate::deploy::kubernetes::identity::Identity;
use crate::deploy::kubernetes::objects::{Map, Objects};
use crate::deploy::loader::Loader;
use crate::deploy::{Outer, read_or_fault};
use crate::notice::Notice;
use crate::sniff::containers::may_contain;
use crate::syntax::Dialect;
use crate::vfs::input_error::InputError;
use crate::vfs::path::split;
use std::collections::{HashMap, HashSet};

/// The maximum depth of kustomizations.
const DEEPEST: usize = 64;

/// Builds kustomizations.
pub struct Builder<'b, 's> {
    pub state: BuildState<'b, 's>,
    /// The kustomizations being built, outermost first.
    open: Vec<String>,
    left: usize,
}

impl<'b, 's> Builder<'b, 's> {
    pub fn new(loader: &'b mut Loader<'s>) -> Self {
        Self { state: BuildState::new(loader), open: Vec::new(), left: MOST }
    }

    /// Builds a kustomization on top of the objects built so far.
    ///
    /// # Errors
    /// All files together are too large.
    pub fn build(&mut self, here: &Kustomization, built: &mut Objects) -> Result<(), InputError> {
        self.open.push(here.name.clone());
        for (place, what) in find_wrong_fields(here) {
            self.state.stop_at(here, place, &what);
        }
        self.check_file(here);
        // A component on its own has no resources, and what charts and generators add is unknown.
        self.state.has_unknown_resources |=
            here.is_component() && self.open.len() == 1 || here.adds_unknown();
        let references = ["configurations", "crds", "openapi"];
        built.has_references |= references.iter().any(|key| here.item.get(key).is_some());
        for path in here.words("configurations") {
            let what = format!("the configuration file `{path}` does not exist");
            self.state.peek(here, &here.path(path), path, &what);
        }
        for path in here.resources() {
            let known = (built.maps.len(), built.pods.len());
            self.collect(here, path, built)?;
            if let Some(identity) = repeated(built, known) {
                let (kind, name) = (&identity.kind, identity.name());
                let what = format!("{kind} `{name}` is added again, which Kustomize rejects");
                self.state.stop(here, path, &what);
            }
        }
        self.add_maps(here, built);
        let charts = describe_charts(here, &mut self.state)?;
        self.state.charts.extend(charts);
        for path in here.words("components") {
            self.enter(here, path, built, true)?;
        }
        apply_patches(here, &mut self.state, built)?;
        note_replacements(here, &mut self.state, built);
        change_names(here, built);
        self.state.is_renamed |= here.word("namePrefix").or(here.word("nameSuffix")).is_some();
        change_labels(here, built);
        change_replicas(here, built);
        change_images(here, built);
        self.open.pop();
        Ok(())
    }

    /// Checks that the file of a kustomization is the only one in its folder, and not empty.
    fn check_file(&mut self, here: &Kustomization) {
        let others = names_in(split(&here.name).0).filter(|name| *name != here.name);
        let mut others = others.filter(|name| matches!(self.state.loader.peek(name), Ok(Some(_))));
        let other = others.next().filter(|_| here.has_own_name());
        drop(others);
        if let Some(other) = other {
            let what = format!(
                "Kustomize rejects two kustomizations in one folder; `{other}` is the other"
            );
            self.state.stop(here, "", &what);
        }
        if here.is_empty() {
            self.state.stop(here, "", "empty kustomization");
        }
    }

    fn collect(
        &mut self,
        here: &Kustomization,
        path: &str,
        built: &mut Objects,
    ) -> Result<(), InputError> {
        let name = here.path(path);
        if self.state.loader.is_folder(&name) {
            return self.enter(here, path, built, false);
        }
        let text = self.state.peek(here, &name, path, &absent(path));
        self.state.has_unknown_resources |= text.is_none();
        self.state.resources.insert(name.clone());
        // `images` may give any pod Refinery's image.
        let may_matter = |text: &String| {
            is_marked(text)
                || may_contain(text)
                || may_be_used(text)
                || text.contains("containers:")
        };
        if text.is_some_and(|text| may_matter(&text)) {
            self.read(&name, built)?;
        }
        Ok(())
    }

    /// Collects the objects in a file.
    fn read(&mut self, name: &str, built: &mut Objects) -> Result<(), InputError> {
        let Some((file, text)) = self.state.loader.text(name)? else { return Ok(()) };
        self.state.collected.insert(name.to_owned());
        for range in documents(&text) {
            let document = text.get(range.clone()).unwrap_or_default();
            let outer = Outer { start: range.start, ..Outer::of(name, file, &text) };
            match read_or_fault(Dialect::Kustomize, file, document) {
                Ok(item) => built.add(outer, &item.moved(range.start)),
                Err(fault) => {
                    let fault = fault.map(|fault| (*fault).moved(range.start));
                    self.state.has_unknown_resources = true;
                    self.state.unchecked.push(find_unparsable(name, file, fault));
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
        let Some(below) = self.find(here, path)? else {
            self.state.has_unknown_resources = true;
            return Ok(());
        };
        self.state.bases.insert(below.name.clone());
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
        let found =
            names_in(&folder).find(|name| matches!(self.state.loader.peek(name), Ok(Some(_))));
        let Some(name) = found.filter(|_| !is_remote(path) || self.state.loader.is_folder(&folder))
        else {
            if self.state.loader.is_folder(&folder) {
                self.state.stop(here, path, &format!("no kustomization in `{path}`"));
            } else {
                self.state.miss(here, &folder, path, &absent(path));
            }
            return Ok(None);
        };
        if self.open.contains(&name) {
            self.state.stop(here, path, &format!("`{path}` is part of a cycle"));
            return Ok(None);
        }
        if self.left == 0 || self.open.len() >= DEEPEST {
            let what = format!("`{path}` is not read: too many bases");
            self.state.doubt(here, path, &what, None);
            return Ok(None);
        }
        self.left -= 1;
        let Some((file, text)) = self.state.loader.text(&name)? else { return Ok(None) };
        match Kustomization::parse(&name, file, text) {
            Ok(below) => Ok(Some(below)),
            Err(fault) => {
                self.state.unchecked.push(find_unreadable(&name, file, fault));
                Ok(None)
            }
        }
    }

    /// Adds what is generated.
    fn add_maps(&mut self, here: &Kustomization, built: &mut Objects) {
        // The last map that has, or had, a kind and name.
        let mut known = HashMap::new();
        for (place, map) in built.maps.iter().enumerate() {
            let Identity { kind, names, .. } = &map.identity;
            known.extend(names.iter().map(|name| ((kind.clone(), name.clone()), place)));
        }
        for (behaviour, map) in generate(here, &mut self.state) {
            let key = (map.identity.kind.clone(), map.identity.name().to_owned());
            let place = known.get(&key).copied();
            let count = built.maps.len();
            self.add_map(here, behaviour, map, (place, built));
            if built.maps.len() > count {
                known.insert(key, count);
            }
        }
    }

    /// Adds a map, or changes the one at this place, which has its name.
    fn add_map(
        &mut self,
        here: &Kustomization,
        behaviour: Behaviour,
        map: Map,
        (place, built): (Option<usize>, &mut Objects),
    ) {
        let name = map.identity.name();
        let known = place.and_then(|place| built.maps.get_mut(place));
        match (known, behaviour) {
            (Some(known), Behaviour::Merge) => known.put(map.data),
            (Some(known), Behaviour::Replace) => known.data = map.data,
            (Some(known), Behaviour::Create) => {
                let what = format!("`{name}` is generated twice, which Kustomize rejects");
                let name = name.to_owned();
                known.data = map.data;
                self.state.stop(here, &name, &what);
            }
            // A remote base may have it.
            (None, Behaviour::Merge | Behaviour::Replace) if here.resources().any(is_remote) => {
                let what = format!("`{name}` in a remote base is not checked, only its additions");
                self.state.notices.push(Notice::on(here.name.clone(), what));
                built.maps.push(map);
            }
            (None, Behaviour::Merge | Behaviour::Replace) if !here.is_component() => {
                let what = format!("`{name}` is merged or replaced, but does not exist");
                let name = name.to_owned();
                built.maps.push(map);
                self.state.stop(here, &name, &what);
            }
            (None, _) => built.maps.push(map),
        }
    }
}

/// An object that was added to the first ones, and is among those before it.
fn repeated(built: &Objects, (maps, pods): (usize, usize)) -> Option<&Identity> {
    // An operator may make a Secret of another object, or add to one.
    let all_maps = built.maps.iter().map(|map| &map.identity);
    let all_maps: Vec<&Identity> = all_maps.collect();
    let all_pods: Vec<&Identity> = built.pods.iter().map(|pods| &pods.identity).collect();
    [(all_maps, maps), (all_pods, pods)].into_iter().find_map(|(all, count)| {
        let mut known = HashSet::new();
        let mut at = all.into_iter().enumerate();
        at.find_map(|(place, identity)| {
            let is_new = known.insert((&identity.kind, identity.name(), &identity.namespace));
            let is_certain = identity.kind != "Secret";
            (!is_new && place >= count && is_certain).then_some(identity)
        })
    })
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
