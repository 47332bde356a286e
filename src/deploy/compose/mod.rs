//! Docker compose: services that run Refinery → deployments of the files that they mount.
//!
//! What a file does not say is unknown, never wrong: a variable without a value, a volume, a path of
//! the machine, what else the build of an image may do.

mod build;
mod container;
mod copies;
mod docker_word;
mod dockerfile;
mod fill;
mod image;
mod include;
mod layer;
mod mounts;
mod project;
mod service;
mod variables;
mod words;

use super::command::Command;
use super::loader::Loader;
use super::lone::LoneProcess;
use super::workload::{is_official, is_refinery};
use super::{Opened, Outer};
use crate::check;
use crate::schema::Kind;
use crate::sniff::containers::names_others;
use crate::syntax::{Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{below, split};
use build::{over_image, service_of};
use container::Container;
use include::{find_included, included};
use layer::{Layer, Read, read};
use project::Project;
use service::Service;
use std::collections::BTreeSet;

/// Files include others so far.
const MOST_INCLUDED: usize = 32;

check!(
    UNFOLLOWED,
    "intake/unfollowed-include",
    Error,
    "a compose file includes another one that cannot be followed, and no service of Refinery is known",
    "The services of the other file are not checked, and one of them may run Refinery. Check them with \
     `docker compose config | refinery-preflight check -`."
);

/// How the image that a Dockerfile builds runs Refinery, if it does. What it copies is not looked for:
/// nobody says from which folder it is built.
///
/// # Errors
/// It cannot be read.
pub fn find_image(name: &str, around: &mut Loader<'_>) -> Result<Option<LoneProcess>, InputError> {
    let folder = split(name).0.to_owned();
    let Some((file, text)) = around.text_in_sight(name)? else { return Ok(None) };
    let Some(service) = service_of(&text, file, name, &folder, around) else { return Ok(None) };
    if !service.image.as_ref().and_then(Item::text).is_some_and(is_refinery) {
        return Ok(None);
    }
    let mut project = Project::around(name, &[], folder, around)?;
    Container::new(&mut project, &service, name.to_owned(), String::new(), file)
        .process(around)
        .map(Some)
}

/// Takes out every service of a file that runs Refinery.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open_services(
    outer: Outer<'_>,
    around: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let (before, mut lost) = (opened.runners(), Vec::new());
    let mut waiting = vec![(outer.name.to_owned(), split(outer.name).0.to_owned())];
    let mut seen = BTreeSet::new();
    while let Some((name, folder)) = waiting.pop() {
        if seen.len() >= MOST_INCLUDED || !seen.insert(name.clone()) {
            continue;
        }
        let Read::Layers(layers) = read(around, &name)? else { continue };
        // Other programs have keys of these names, too.
        let is_project = |layer: &Layer| layer.item.get("services").is_some_and(is_map);
        if !names_others(&name) && !layers.iter().any(is_project) {
            continue;
        }
        let mut project = Project::around(&name, &layers, folder, around)?;
        for include in included(&mut project) {
            match find_included(&include, around)? {
                Ok(there) => waiting.push(there),
                Err(why) => lost.push(include.finding(outer, &why)),
            }
        }
        open_project(project, around, opened)?;
    }
    for (finding, may_run) in lost {
        if may_run || opened.runners() == before {
            opened.unchecked.push(finding);
        } else {
            opened.notices.push(finding.message);
        }
    }
    Ok(())
}

fn open_project(
    mut project: Project,
    around: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    for name in project.service_names() {
        let Some((service, layer)) = project.service(&name, around)? else { continue };
        let service = over_image(service, &project.folder, around)?;
        if !runs_refinery(&service) {
            continue;
        }
        let place = format!("{}#{name}", layer.name);
        Container::new(&mut project, &service, place, name, layer.file).open(around, opened)?;
    }
    if !opened.described.is_empty() {
        opened.notices.append(&mut project.notices);
    }
    Ok(())
}

fn is_map(item: &Item) -> bool {
    matches!(item.value, Value::Map(_))
}

/// By its image, or, for that name alone is common, by what it names.
fn runs_refinery(service: &Service) -> bool {
    let image = service.image.as_ref().and_then(Item::text);
    if image.is_some_and(is_official) {
        return true;
    }
    let has_name = image.is_some_and(is_refinery);
    let has_files = || {
        let words = service.command.as_deref().unwrap_or_default();
        let command = Command::of_container(service.entrypoint.as_deref(), words);
        Kind::ALL.iter().any(|&kind| command.names(kind))
    };
    let folders = Kind::ALL.map(|kind| split(kind.locating().default).0);
    let is_ours = |target: &str| folders.iter().any(|folder| below(target, folder).is_some());
    let has_mount = || service.mounts.iter().any(|mount| is_ours(&mount.target));
    let has_variable =
        || Kind::ALL.iter().any(|kind| service.variables.contains_key(kind.locating().variable));
    has_name && has_files()
        || (has_name || image.is_none() || service.is_open) && (has_mount() || has_variable())
}
