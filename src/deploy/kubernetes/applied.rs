//! Kubernetes objects that are applied directly: those of one folder belong together.
//!
//! Must not open files, except those near the pods that may define a map that the pods mention.

use super::describe::describe;
use super::identity::Identity;
use super::objects::{Map, Objects, Pods};
use super::pods::runs_refinery;
use super::unmounted::{Unmounted, UnmountedFile, group_unmounted};
use super::view::View;
use super::wanted::{Wanted, missing};
use crate::deploy::deployment_spec::DeploymentSpec;
use crate::deploy::documents::documents;
use crate::deploy::flux::{has_references, variants};
use crate::deploy::kustomize::add_maps;
use crate::deploy::loader::Loader;
use crate::deploy::{EmbeddedFile, Outer, UnknownFile, read_item};
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
    /// Files that were not found.
    pub unknown: Vec<UnknownFile>,
    pub notices: Vec<Notice>,
}

impl Applied {
    /// Adds the objects of a file, and the files whose objects it changes.
    pub fn add(&mut self, file: &str, objects: Objects, collected: Vec<String>) {
        // The values of releases are checked where they are.
        let objects = Objects { releases: Vec::new(), ..objects };
        self.folders.entry(split(file).0.to_owned()).or_default().absorb(objects);
        self.opened.insert(file.to_owned());
        self.collected.extend(collected);
    }

    /// Describes the deployments of all folders.
    ///
    /// # Errors
    /// A file that they use cannot be read.
    pub fn describe(self, loader: &mut Loader<'_>) -> Result<Vec<Folder>, InputError> {
        let is_applied = |identity: &Identity| !self.collected.contains(&identity.file);
        let mut all = Vec::new();
        for (folder, objects) in &self.folders {
            // Standard input is in no folder.
            let names = loader.names(folder);
            let is_there = |pods: &&Pods| names.iter().any(|n| n == split(&pods.identity.file).1);
            let pods =
                objects.pods.iter().filter(|pods| is_applied(&pods.identity)).filter(is_there);
            let wanted: BTreeSet<Wanted> = pods.flat_map(|pods| missing(pods, objects)).collect();
            if wanted.is_empty() && !has_references(objects, loader) {
                all.push(describe_folder(objects, is_applied, loader)?);
                continue;
            }
            let mut objects = objects.clone();
            for wanted in &wanted {
                let maps = self.find(folder, wanted, loader)?;
                objects.maps.extend(maps);
            }
            add_maps(folder, &mut objects, loader)?;
            for variant in variants(objects, folder, loader)? {
                let mut described = describe_folder(&variant.made, is_applied, loader)?;
                let Folder { specs, parts, .. } = &mut described;
                let specs = specs.iter_mut().map(|(_, spec)| spec);
                variant.mark(parts, specs, &loader.loaded.files);
                all.push(described);
            }
        }
        Ok(all)
    }

    /// Finds a map for pods of a folder: in other files of the folder, in the nearest of the adjacent
    /// folders, or created by a command.
    fn find(
        &self,
        folder: &str,
        wanted: &Wanted,
        loader: &mut Loader<'_>,
    ) -> Result<Vec<Map>, InputError> {
        let mut found = self.find_unopened(folder, wanted, loader)?;
        for folder in if found.is_empty() { loader.adjacent(folder) } else { Vec::new() } {
            let known = self.folders.get(&folder);
            // A map with pods of its own may be of another environment.
            if known.is_some_and(|objects| objects.pods.iter().any(|pods| wanted.is_of(pods))) {
                continue;
            }
            let maps = known.into_iter().flat_map(|objects| &objects.maps);
            found.extend(maps.filter(|map| wanted.is(map)).cloned());
            found.extend(self.find_unopened(&folder, wanted, loader)?);
        }
        if found.is_empty() {
            // Workflows in hidden folders, and scripts, create maps for pods in any folder.
            let is_hidden = |part: &str| part.starts_with('.') && ![".", ".."].contains(&part);
            let is_created = |map: &&Map| {
                let file = &map.identity.file;
                format_of(file).is_none() || split(file).0.split('/').any(is_hidden)
            };
            let maps = self.folders.values().flat_map(|objects| &objects.maps);
            found.extend(maps.filter(is_created).filter(|map| wanted.is(map)).cloned());
        }
        Ok(found)
    }

    /// The maps in files of a folder that were not recognised as Refinery's.
    fn find_unopened(
        &self,
        folder: &str,
        wanted: &Wanted,
        loader: &mut Loader<'_>,
    ) -> Result<Vec<Map>, InputError> {
        let mut maps = Vec::new();
        for name in loader.names(folder).iter().map(|name| join(folder, name)) {
            if format_of(&name) != Some(DataFormat::Yaml)
                || self.opened.contains(&name)
                || loader.is_folder(&name)
            {
                continue;
            }
            let read = || loader.peek(&name).ok().flatten().unwrap_or_default();
            let is_near = loader.loaded.objects.get(&name, read).has(&[wanted.kind], &wanted.name);
            let Some((file, text)) = (if is_near { loader.text(&name)? } else { None }) else {
                continue;
            };
            for range in documents(&text) {
                let document = text.get(range.clone()).unwrap_or_default();
                let outer = Outer { start: range.start, ..Outer::of(&name, file, &text) };
                if let Ok(item) = read_item(file, document) {
                    let mut found = Objects::default();
                    found.add(outer, &item.moved(range.start));
                    maps.extend(found.maps.into_iter().filter(|map| wanted.is(map)));
                }
            }
        }
        Ok(maps)
    }
}

fn describe_folder(
    objects: &Objects,
    is_applied: impl Fn(&Identity) -> bool,
    loader: &mut Loader<'_>,
) -> Result<Folder, InputError> {
    let place = |pods: &Pods| pods.identity.file.clone();
    let mut described = describe(objects, |pods| is_applied(&pods.identity), place, loader)?;
    let Unmounted { files, unchecked, notices } = Unmounted::of(objects, &described.used, loader);
    let files = files.into_iter().filter(|file| is_applied(&file.map.identity));
    let (own, files): (Vec<_>, Vec<_>) = files.partition(UnmountedFile::is_on_disk);
    let parts = files.into_iter().filter_map(|file| {
        let bond = format!("configmap {}", file.map.identity.namespace);
        file.part(bond, file.launch(objects, &described))
    });
    let parts = parts.collect();
    described.unchecked.extend(unchecked);
    described.notices.extend(notices);
    // The maps of scripts.
    let creators: BTreeSet<&str> = own.iter().map(|one| one.map.identity.file.as_str()).collect();
    for creator in creators {
        let Some(file) = loader.loaded.find(creator).map(|loaded| loaded.source.file) else {
            continue;
        };
        let theirs = own.iter().filter(|one| one.map.identity.file == creator);
        let theirs = Unmounted { files: theirs.copied().collect(), ..Unmounted::default() };
        group_unmounted(creator, file, theirs, (objects, &mut described), loader)?;
    }
    Ok(Folder {
        specs: described.specs,
        v1: described.v1,
        parts,
        unchecked: described.unchecked,
        unknown: described.unknown,
        notices: described.notices,
    })
}

/// Whether any of these objects is about Refinery.
pub fn is_any(objects: &Objects, loader: &Loader<'_>) -> bool {
    let runs = |pods: &Pods| runs_refinery(pods, View::last(objects, &pods.identity));
    let rest = || Unmounted::of(objects, &[].into(), loader);
    !objects.scaling.is_empty()
        || objects.pods.iter().any(runs)
        || !objects.maps.is_empty() && !rest().is_empty()
}
