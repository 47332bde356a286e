//! Kubernetes objects that are applied directly: those of one folder belong together.
//!
//! Must not open files, except those in the folder of the pods that may define a map that the pods
//! mention.

use super::describe::{describe, maps_of};
use super::objects::{Objects, Pods};
use super::pods::runs_refinery;
use super::unmounted::Unmounted;
use super::view::View;
use crate::deploy::deployment_spec::DeploymentSpec;
use crate::deploy::documents::documents;
use crate::deploy::loader::Loader;
use crate::deploy::{EmbeddedFile, Outer, read_item};
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::syntax::DataFormat;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split};
use std::collections::{BTreeMap, BTreeSet};

/// All applied objects, by folder.
#[derive(Default)]
pub struct Applied {
    folders: BTreeMap<String, Objects>,
    opened: BTreeSet<String>,
    /// Files whose objects a kustomization changes before they are applied.
    collected: BTreeSet<String>,
}

/// What the objects of a folder describe.
pub struct Folder {
    /// Deployments, each with the file of its pods.
    pub specs: Vec<(String, DeploymentSpec)>,
    /// The names of files for Refinery 1.x.
    pub v1: Vec<String>,
    /// Files in maps that no pods mount.
    pub parts: Vec<EmbeddedFile>,
    pub unchecked: Vec<Finding>,
    pub notices: Vec<Notice>,
}

impl Applied {
    /// Adds the objects of a file, and the files whose objects it changes.
    pub fn add(&mut self, file: &str, objects: Objects, collected: Vec<String>) {
        self.folders.entry(split(file).0.to_owned()).or_default().absorb(objects);
        self.opened.insert(file.to_owned());
        self.collected.extend(collected);
    }

    /// Describes the deployments of all folders.
    ///
    /// # Errors
    /// A file that they use cannot be read.
    pub fn describe(self, loader: &mut Loader<'_>) -> Result<Vec<Folder>, InputError> {
        let Self { folders, opened, collected } = self;
        let is_applied = |pods: &Pods| !collected.contains(&pods.identity.file);
        let mut all = Vec::new();
        for (folder, mut objects) in folders {
            let pods = objects.pods.iter().filter(|pods| is_applied(pods));
            let wanted: BTreeSet<String> = pods.flat_map(|pods| missing(pods, &objects)).collect();
            if !wanted.is_empty() {
                find_maps(&folder, &wanted, &opened, &mut objects, loader)?;
            }
            all.push(describe_folder(&objects, is_applied, loader)?);
        }
        Ok(all)
    }
}

fn describe_folder(
    objects: &Objects,
    is_applied: impl Fn(&Pods) -> bool,
    loader: &mut Loader<'_>,
) -> Result<Folder, InputError> {
    let place = |pods: &Pods| pods.identity.file.clone();
    let mut described = describe(objects, is_applied, place, loader)?;
    let Unmounted { files, unchecked, notices } = Unmounted::of(objects, &described.used, loader);
    let parts = files.into_iter().filter_map(|file| {
        let bond = format!("configmap {}", file.map.identity.namespace);
        file.part(bond, file.launch(objects, &described))
    });
    let parts = parts.collect();
    described.unchecked.extend(unchecked);
    described.notices.extend(notices);
    Ok(Folder {
        specs: described.specs,
        v1: described.v1,
        parts,
        unchecked: described.unchecked,
        notices: described.notices,
    })
}

/// The names of missing maps that pods mention, if the pods may run Refinery.
fn missing(pods: &Pods, objects: &Objects) -> Vec<String> {
    let view = View::last(objects, &pods.identity);
    if !runs_refinery(pods, view) {
        return Vec::new();
    }
    let maps = maps_of(pods).into_iter();
    maps.filter(|(kind, name)| view.map(kind, name).is_none()).map(|(_, name)| name).collect()
}

/// Adds wanted maps from other files of the folder, which were not recognised as Refinery's.
fn find_maps(
    folder: &str,
    wanted: &BTreeSet<String>,
    opened: &BTreeSet<String>,
    objects: &mut Objects,
    loader: &mut Loader<'_>,
) -> Result<(), InputError> {
    let names = loader.names(folder);
    // Standard input is in no folder.
    let is_there = |pods: &Pods| names.iter().any(|name| name == split(&pods.identity.file).1);
    if !objects.pods.iter().any(is_there) {
        return Ok(());
    }
    for name in names.iter().map(|name| join(folder, name)) {
        if format_of(&name) != Some(DataFormat::Yaml)
            || opened.contains(&name)
            || loader.is_folder(&name)
        {
            continue;
        }
        let text = loader.peek(&name).ok().flatten().unwrap_or_default();
        let is_near = text.contains("kind:") && wanted.iter().any(|map| text.contains(map));
        let Some((file, text)) = (if is_near { loader.text(&name)? } else { None }) else {
            continue;
        };
        for range in documents(&text) {
            let document = text.get(range.clone()).unwrap_or_default();
            let outer = Outer { start: range.start, ..Outer::of(&name, file, &text) };
            if let Ok(item) = read_item(file, document) {
                let mut found = Objects::default();
                found.add(outer, &item.moved(range.start));
                let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted == name);
                found.maps.retain(|map| is_wanted(map.identity.name()));
                objects.maps.append(&mut found.maps);
            }
        }
    }
    Ok(())
}

/// Whether any of these objects is about Refinery.
pub fn is_any(objects: &Objects, loader: &Loader<'_>) -> bool {
    let runs = |pods: &Pods| runs_refinery(pods, View::last(objects, &pods.identity));
    let rest = || Unmounted::of(objects, &[].into(), loader);
    !objects.scaling.is_empty()
        || objects.pods.iter().any(runs)
        || !objects.maps.is_empty() && !rest().is_empty()
}
