//! Kustomize: generated `ConfigMap`s and the pods that mount them → deployments.
//!
//! Builds kustomizations like Kustomize, as far as Refinery's files and pods are concerned. Parts
//! that are not modelled, and remote ones, are reported.

mod build;
mod build_state;
mod concern;
mod elsewhere;
mod fields;
mod generator;
mod helm;
pub mod kustomization;
mod merge;
mod operation;
mod patch;
mod patch_check;
mod replacement;
mod transform;
mod unfollowed;
mod values_from;

use crate::notice::Notice;
pub use concern::is_about_refinery;
pub use elsewhere::{add_maps, has_map_in_sight};
pub use helm::renders_charts;
pub use unfollowed::find_unreadable;

use super::chart::items;
use super::chart::layers::Values;
use super::chart::source::find_source;
use super::content::DataEntry;
use super::deployment_spec::DeploymentSpec;
use super::flux::{Variant, variants};
use super::gitops::{find_parameters, names_other_chart, uses};
use super::kubernetes::describe::{Described, describe};
use super::kubernetes::objects::{Map, Objects, Pods, Release};
use super::kubernetes::unmounted::{Unmounted, group_unmounted};
use super::loader::Loader;
use super::near::resolve_from_top;
use super::{Opened, Outer, list, open_charts};
use crate::diagnostic::Finding;
use crate::sniff::flaw::is_without_content;
use crate::span::{File, FileId};
use crate::syntax::{DataFormat, Entry, Item, Value};
use crate::vfs::Skip;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split};
use build::Builder;
use build_state::BuildState;
use concern::{concerns, is_marked};
use kustomization::{Kustomization, is_kustomization, names_in};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use unfollowed::{Doubt, find_rejected};
use values_from::find_unfollowed_maps;

/// The maximum number of files of a folder that are applied as they are.
const MOST_FILES: usize = 500;

/// Describes the deployments of a kustomization.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open_kustomization(
    outer: Outer<'_>,
    item: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let Outer { name, file, text, .. } = outer;
    if !is_kustomization(name, item) || !concerns(name, text, loader) {
        return Ok(());
    }
    let here =
        Kustomization { name: name.to_owned(), file, text: text.to_owned(), item: item.clone() };
    open_built(&here, loader, opened)
}

/// Describes the deployments of a folder with the patches and images that an object of Flux or Argo
/// CD adds to it.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open_patched(
    outer: Outer<'_>,
    object: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let Outer { name, file, text, .. } = outer;
    for (path, changes) in changed(object) {
        let Some(folder) = resolve_from_top(split(name).0, path, loader.store) else { continue };
        // The path is relative to the root of the repository.
        let above = split(name).0.split('/').filter(|part| !part.is_empty()).count();
        let path = |inner: &str| items::text(&format!("{}{inner}", "../".repeat(above)));
        let kustomization =
            names_in(&folder).find_map(|name| Some((loader.peek(&name).ok()??, name)));
        let (resources, is_ours) = if let Some((text, name)) = kustomization {
            (vec![path(&folder)], concerns(&name, &text, loader))
        } else {
            let files = applied_files(&folder, loader);
            let is_ours = files
                .iter()
                .any(|file| loader.peek(file).ok().flatten().is_some_and(|text| is_marked(&text)));
            (files.iter().map(|file| path(file)).collect(), is_ours)
        };
        let resources = Item::new(Value::List(resources), None);
        let resources = items::entry("resources", resources);
        let entries = std::iter::once(resources).chain(changes).collect();
        let (name, item) = (name.to_owned(), items::map(entries));
        let here = Kustomization { name, file, text: text.to_owned(), item };
        if is_marked(&here.text) || is_ours {
            open_built(&here, loader, opened)?;
        }
    }
    Ok(())
}

/// The files and kustomizations in a folder without a kustomization, all of which are applied.
fn applied_files(folder: &str, loader: &Loader<'_>) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(at) = waiting.pop() {
        for name in loader.names(&at).iter().map(|name| join(&at, name)) {
            let is_folder = loader.is_folder(&name);
            let is_built =
                is_folder && names_in(&name).any(|it| matches!(loader.peek(&it), Ok(Some(_))));
            if is_built || !is_folder && format_of(&name) == Some(DataFormat::Yaml) {
                found.push(name);
            } else if is_folder && Skip::of_name(split(&name).1, true).is_none() {
                waiting.push(name);
            }
        }
        if found.len() >= MOST_FILES {
            break;
        }
    }
    found.sort();
    found
}

/// The folders that an object applies, each with what it changes, as fields of a kustomization.
fn changed(object: &Item) -> Vec<(&str, Vec<Entry>)> {
    let spec = object.get("spec");
    let Some(spec) = spec else { return Vec::new() };
    let sources = list(spec, "sources").iter().chain(spec.get("source"));
    let argo = sources.map(|source| (source.get("path"), source.get("kustomize")));
    let flux = std::iter::once((spec.get("path"), Some(spec)));
    let all = flux.chain(argo).filter_map(|(path, changes)| {
        let of = |key| changes?.get(key).filter(|items| items.list().is_some());
        let patches = of("patches").map(|patches| items::entry("patches", patches.clone()));
        let images = of("images").map(|images| items::entry("images", images_of(images)));
        let entries: Vec<Entry> = patches.into_iter().chain(images).collect();
        (!entries.is_empty()).then_some((path?.text()?, entries))
    });
    all.collect()
}

/// Images in the form of a kustomization. Argo CD has strings, such as `name=other:tag`.
fn images_of(images: &Item) -> Item {
    let image = |written: &Item| {
        let Some(text) = written.text() else { return written.clone() };
        let (name, new) = text.split_once('=').unwrap_or(("", text));
        let (rest, digest) = new.split_once('@').map_or((new, None), |(a, b)| (a, Some(b)));
        let tag = rest.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
        let new_name = tag.map_or(rest, |(new_name, _)| new_name);
        let name = if name.is_empty() { new_name } else { name };
        let fields = [
            ("name", Some(name)),
            ("newName", Some(new_name)),
            ("newTag", tag.map(|(_, tag)| tag)),
            ("digest", digest),
        ];
        let fields = fields.into_iter().filter_map(|(key, value)| Some((key, value?)));
        items::map(fields.map(|(key, value)| items::entry(key, items::text(value))).collect())
    };
    let images = images.list().unwrap_or_default().iter().map(image);
    Item::new(Value::List(images.collect()), None)
}

/// Reports a kustomization without content, if what is around it is about Refinery.
pub fn find_empty(outer: Outer<'_>, loader: &Loader<'_>) -> Option<Finding> {
    let Outer { name, file, text, .. } = outer;
    let here = Kustomization {
        name: name.to_owned(),
        file,
        text: text.to_owned(),
        item: items::map(Vec::new()),
    };
    let what = if is_without_content(text) { "empty kustomization" } else { "not a mapping" };
    is_about_refinery(name, text, loader).then(|| find_rejected(&here, None, what))
}

fn open_built(
    here: &Kustomization,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let mut builder = Builder::new(loader);
    let mut built = Objects::default();
    builder.build(here, &mut built)?;
    let mut state = builder.state;
    let bases = add_maps(split(&here.name).0, &mut built, state.loader)?;
    state.bases.extend(bases);
    for variant in variants(built, split(&here.name).0, state.loader)? {
        describe_built(here, &variant, &mut state, opened)?;
    }
    opened.described.append(&mut state.charts);
    opened.unchecked.append(&mut state.unchecked);
    opened.bases.extend(state.bases);
    opened.collected.extend(state.collected);
    opened.notices.append(&mut state.notices);
    Ok(())
}

/// Describes the deployments of what one Kustomization of Flux makes of the built objects.
fn describe_built(
    here: &Kustomization,
    variant: &Variant<Objects>,
    state: &mut BuildState<'_, '_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let built = &variant.made;
    let of_here = |_: &Pods| here.name.clone();
    let mut described = describe(built, |_| true, of_here, state.loader)?;
    let rest = Unmounted::of(built, &described.used, state.loader);
    let concerned = concerned(built, &described, &rest);
    group_unmounted(&here.name, here.file, rest, (built, &mut described), state.loader)?;
    let missing = find_missing(built, &described, state.loader);
    described.unchecked.extend(missing);
    described.unchecked.extend(find_unfollowed_maps(built));
    for doubt in &state.doubts {
        settle(doubt, &here.name, &concerned, &described, opened);
    }
    let known = opened.parts.len();
    let is_ours = |release: &&Release| {
        !uses(&release.item).is_empty() || !release.item.any(&names_other_chart)
    };
    let changed = built.releases.iter().filter(|release| release.is_changed);
    for release in changed.filter(is_ours) {
        let patches = release.patches.iter().filter(|name| **name != here.name);
        for patch in patches {
            let what = format!("changed by {patch}");
            opened.notices.push(Notice::on(release.identity.file.clone(), what));
            opened.patches.push(patch.clone());
        }
        open_release(here, release, state.loader, opened)?;
    }
    let parts = opened.parts.get_mut(known..).unwrap_or_default();
    let specs = described.specs.iter_mut().map(|(_, spec)| spec);
    variant.mark(parts, specs, &state.loader.loaded.files);
    opened.described.extend(described.specs.into_iter().map(|(_, spec)| spec));
    opened.report(described.unchecked);
    opened.unknown.append(&mut described.unknown);
    opened.v1.append(&mut described.v1);
    opened.notices.append(&mut described.notices);
    Ok(())
}

/// The missing files of generated `ConfigMap`s that nothing else reports. Files of secrets are made before the
/// build.
fn find_missing(built: &Objects, described: &Described, loader: &Loader<'_>) -> Vec<Finding> {
    let maps = built.maps.iter().filter(|map| map.identity.kind == "ConfigMap");
    let is_used = |datum: &DataEntry| described.used.iter().any(|name| datum.has_name(name));
    let entries = maps.flat_map(|map| &map.data).filter(|datum| !is_used(datum));
    let missing = entries.filter_map(|datum| datum.find_missing(loader));
    let is_new = |finding: &Finding| {
        described.unchecked.iter().all(|known| known.primary() != finding.primary())
    };
    missing.filter(is_new).collect()
}

/// Opens the values in an object that the kustomization has changed.
fn open_release(
    here: &Kustomization,
    release: &Release,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let name = release.identity.file.clone();
    let text = loader.loaded.files.get(release.file).text.clone();
    let source = find_source(&name, &text, loader);
    let patches: Vec<Values> = files_in(&release.item)
        .into_iter()
        .map(|file| {
            let File { name, text, .. } = loader.loaded.files.get(file).clone();
            Values { name: name.to_string(), file, text, item: items::map(Vec::new()) }
        })
        .collect();
    let outer = Outer {
        start: release.start,
        chart: source.as_ref(),
        base_values: &patches,
        ..Outer::of(&name, release.file, &text)
    };
    let known = opened.parts.len();
    opened.report(find_parameters(&release.item));
    open_charts(outer, release.item.clone(), loader, opened)?;
    for part in opened.parts.iter_mut().skip(known) {
        part.name = part.name.variant(format_args!("built by {}", here.name));
        part.bond = format!("{} {}", part.bond, here.name);
    }
    Ok(())
}

/// The files that values of an item are from.
fn files_in(item: &Item) -> BTreeSet<FileId> {
    let files = RefCell::new(BTreeSet::new());
    item.any(&|inner: &Item| {
        files.borrow_mut().extend(inner.span.map(|span| span.file));
        false
    });
    files.into_inner()
}

/// The current and former names of all objects that belong to Refinery.
fn concerned(built: &Objects, described: &Described, rest: &Unmounted<'_>) -> HashSet<String> {
    let is_used = |map: &&Map| {
        map.data.iter().any(|datum| described.used.iter().any(|name| datum.has_name(name)))
    };
    let maps = built.maps.iter().filter(is_used).chain(rest.files.iter().map(|file| file.map));
    let maps = maps.map(|map| &map.identity);
    let pods = built.pods.iter().map(|pods| &pods.identity);
    let pods = pods.filter(|identity| described.runs(identity));
    let releases = built.releases.iter().filter(|release| !uses(&release.item).is_empty());
    let releases = releases.map(|release| &release.identity);
    maps.chain(pods).chain(releases).flat_map(|identity| identity.names.clone()).collect()
}

/// A part that is not followed is a finding if it leaves something unchecked: if it changes an
/// object of Refinery's, or may provide a missing file. Otherwise it is a notice.
fn settle(
    doubt: &Doubt,
    here: &str,
    concerned: &HashSet<String>,
    described: &Described,
    opened: &mut Opened,
) {
    let is_complete = |spec: &DeploymentSpec| !(spec.config.is_empty() || spec.rules.is_empty());
    let matters = match &doubt.about {
        Some(about) => concerned.contains(about),
        None => {
            !described.partial.is_empty()
                || !described.specs.iter().any(|(_, spec)| is_complete(spec))
        }
    };
    if matters {
        opened.report([doubt.finding.clone()]);
    } else {
        opened.notices.push(Notice::of(here, doubt.finding.clone()));
    }
}
