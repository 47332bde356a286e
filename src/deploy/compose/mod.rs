//! Docker compose: services that run Refinery → deployments of the files that they mount.
//!
//! What a file does not say is unknown, never wrong: a variable without a value, a volume, a path of
//! the machine, what else the build of an image may do.

mod build;
mod container;
mod copies;
mod dockerfile;
mod files;
mod fill;
mod image;
mod mounts;
mod project;
mod service;
mod variables;
mod words;

use super::command::Command;
use super::loader::Loader;
use super::workload::{is_official, is_refinery};
use super::{Opened, Outer};
use crate::schema::Kind;
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{below, join, split};
use build::over_image;
use container::Container;
use project::{Layer, Project, read_layer};
use service::Service;
use std::collections::BTreeSet;
use words::{known, several};

/// Files include others so far.
const MOST_INCLUDED: usize = 32;

/// Takes out every service that runs Refinery.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open_services(
    outer: Outer<'_>,
    item: &Item,
    around: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let mut waiting = vec![Layer { name: outer.name.to_owned(), item: item.clone() }];
    let mut seen = BTreeSet::new();
    while let Some(layer) = waiting.pop() {
        if seen.len() < MOST_INCLUDED && seen.insert(layer.name.clone()) {
            let project = Project::around(layer, around)?;
            for name in included(&project) {
                match read_layer(around, &name)? {
                    Some(layer) => waiting.push(layer),
                    None => opened.notices.push(format!("{}: `{name}` is not there", outer.name)),
                }
            }
            open_project(project, around, opened)?;
        }
    }
    Ok(())
}

/// The files that a project includes as they are.
fn included(project: &Project) -> Vec<String> {
    let all = project.layers.iter().filter_map(|layer| layer.item.get("include"));
    let paths = all.flat_map(several).filter_map(|item| known(item.get("path").unwrap_or(item)));
    let paths = paths.filter(|path| !path.contains(['$', ':']) && !path.starts_with('/'));
    paths.map(|path| join(&project.folder, &path)).collect()
}

fn open_project(
    mut project: Project,
    around: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    for name in project.service_names() {
        let (service, file) = project.service(&name, around)?;
        let service = over_image(service, &project.folder, around)?;
        if !runs_refinery(&service) {
            continue;
        }
        let place = format!("{file}#{name}");
        Container::new(&mut project, &service, place, name).open(around, opened)?;
    }
    if !opened.described.is_empty() {
        opened.notices.append(&mut project.notices);
    }
    Ok(())
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
