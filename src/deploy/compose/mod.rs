//! Docker Compose: services that run Refinery → deployments of the files that they mount.
//!
//! What a file does not say is unknown, never wrong: a variable without a value, a volume, a path
//! of the machine, other effects of an image build.

mod absent;
mod build;
mod combined;
mod container;
mod context;
mod copies;
mod docker_pattern;
mod docker_word;
mod dockerfile;
mod entrypoint;
mod fill;
mod folders;
mod image;
mod include;
mod invalid;
mod layer;
mod mounts;
mod project;
mod runner;
mod service;
mod undefined;
mod variables;
mod words;

use super::chart::items::map;
use super::content::DataEntry;
use super::loader::Loader;
use super::unlinked::UnlinkedContainer;
use super::workload::is_refinery;
use super::{Opened, Outer};
use crate::check;
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::sniff::containers::names_others;
use crate::sniff::file_name::{builds_image, is_earthfile};
use crate::source_name::SourceName;
use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split, with_parents};
use combined::{Combined, combined_with};
use container::Container;
use dockerfile::Dockerfile;
use entrypoint::with_script;
use image::{Built, built_nearby, over_image, service_of};
use include::{find_included, included};
use invalid::find_invalid;
use layer::{Layer, Read, read};
use mounts::Mount;
use project::{Project, is_project_file};
pub use runner::seems_to_run_refinery;
use runner::{may_run_refinery, runs_refinery};
use service::Service;
use std::collections::{BTreeSet, HashSet};

/// The maximum number of included files.
const MOST_INCLUDED: usize = 32;

check!(
    UNFOLLOWED,
    "intake/unfollowed-include",
    Error,
    kind: Verdict,
    "a compose file that is included or extended cannot be read, and may run Refinery",
    "Its services are not checked, and one of them may run Refinery. Check the merged project with \
     `docker compose config | refinery-preflight check -`."
);

/// How the image of a Dockerfile launches Refinery, if it does. Copied files are ignored, because
/// the build context is unknown.
///
/// # Errors
/// It cannot be read.
fn find_image(
    name: &str,
    loader: &mut Loader<'_>,
) -> Result<Option<UnlinkedContainer>, InputError> {
    let folder = split(name).0.to_owned();
    let Some((file, text)) = loader.text_in_sight(name)? else { return Ok(None) };
    let Some(dockerfile) = Dockerfile::read(file, &text) else { return Ok(None) };
    let Some(last) = dockerfile.stages.len().checked_sub(1) else { return Ok(None) };
    let Built { service, .. } = service_of(&dockerfile, last, name, &folder, loader);
    if !service.image.as_ref().and_then(Item::text).is_some_and(is_refinery) {
        return Ok(None);
    }
    let mut project = Project::load(name, &[], folder, loader)?;
    Container::new(&mut project, &service, SourceName::of_file(name), String::new(), file)
        .process(loader)
        .map(Some)
}

/// Describes the deployment of the image that a Dockerfile builds. The context is the nearest folder
/// around the Dockerfile that has one of the files that it copies.
///
/// # Errors
/// A copied file cannot be read.
pub fn open_image(
    outer: Outer<'_>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let Outer { name, file, text, .. } = outer;
    let Some(dockerfile) = Dockerfile::read(file, text) else { return Ok(()) };
    let folder = split(name).0.to_owned();
    // Each stage of an Earthfile may be an image.
    let count = dockerfile.stages.len();
    let images = if is_earthfile(name) { (0..count).collect() } else { dockerfile.images() };
    for stage in images {
        let in_context = |context: &str| service_of(&dockerfile, stage, name, context, loader);
        let service = built_nearby(&dockerfile, stage, name, &Service::default(), loader);
        let place = if stage + 1 == count {
            SourceName::of_file(name)
        } else {
            SourceName::within(name, format!("stage {stage}"))
        };
        let service = service.map(|service| with_script(service, loader));
        let Some(service) = service else {
            if stage + 1 < count && !is_earthfile(name) {
                continue;
            }
            let Built { service, absent, .. } = in_context(&folder);
            let above: Vec<&str> = with_parents(&folder).collect();
            if runs_refinery(&service) {
                let spec = absent::describe(place, &absent, &above, loader);
                opened.lacking.extend(spec.iter().map(|spec| spec.name.clone()));
                opened.described.extend(spec);
            }
            continue;
        };
        if runs_refinery(&service) {
            let mut project = Project::load(name, &[], folder.clone(), loader)?;
            let (name, title) = (place, split(name).1.to_owned());
            let container = Container::new(&mut project, &service, name, title, file);
            container.of_image().open(loader, opened)?;
        }
    }
    Ok(())
}

/// Describes the deployment of a container that a task or resource starts, whose keys are those of a
/// service, with files that are copied into it.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open_container(
    outer: Outer<'_>,
    task: &Item,
    copied: Vec<DataEntry>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let mut item = task.clone();
    for entry in item.value.as_entries_mut().into_iter().flatten() {
        if entry.key == "env" {
            "environment".clone_into(&mut entry.key);
        }
    }
    let folder = split(outer.name).0.to_owned();
    let mut service = Service::read(&item, &folder, |_| None);
    service.mounts.extend(copied.into_iter().map(Mount::of_copy));
    let title = task.get("name").and_then(Item::text).unwrap_or("refinery").to_owned();
    if !runs_refinery(&service) && !may_run_refinery(&title, &service) {
        return Ok(());
    }
    let service = Service { place: item.beginning(), ..service };
    let mut project = Project::load(outer.name, &[], folder, loader)?;
    let name = SourceName::within(outer.name, &title);
    Container::new(&mut project, &service, name, title, outer.file).open(loader, opened)
}

/// A platform's settings for a container, as a Compose service.
pub fn as_service<'k>(
    settings: impl IntoIterator<Item = (&'k str, Option<Item>)>,
    place: Option<Span>,
) -> Item {
    let setting = |(key, item): (&str, Option<Item>)| {
        let item = item?;
        Some(Entry { key: key.to_owned(), key_span: item.span, item })
    };
    Item::new(Value::Map(settings.into_iter().filter_map(setting).collect()), place)
}

/// Describes the deployment of a container whose image a Dockerfile of the repository builds, with what
/// a platform sets: `command`, `entrypoint` and `environment`, as in a service. Returns whether it runs Refinery.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open_built(
    outer: Outer<'_>,
    dockerfile: &str,
    item: &Item,
    title: &str,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<bool, InputError> {
    let Some((file, text)) = loader.text_in_sight(dockerfile)? else { return Ok(false) };
    let Some(read) = Dockerfile::read(file, &text) else { return Ok(false) };
    let Some(&stage) = read.images().last() else { return Ok(false) };
    let folder = split(outer.name).0.to_owned();
    let service = Service::read(item, &folder, |_| None);
    let service = Service { stays: true, place: item.beginning(), ..service };
    let Some(service) = built_nearby(&read, stage, dockerfile, &service, loader) else {
        return Ok(false);
    };
    let service = with_script(service, loader);
    if !runs_refinery(&service) {
        return Ok(false);
    }
    opened.built.push(dockerfile.to_owned());
    let mut project = Project::load(outer.name, &[], folder, loader)?;
    let name = SourceName::within(outer.name, title);
    Container::new(&mut project, &service, name, title.to_owned(), outer.file)
        .of_image()
        .open(loader, opened)?;
    Ok(true)
}

/// The only Dockerfile in a folder that mentions Refinery, or else in the folders next to it.
pub fn only_image(folder: &str, loader: &Loader<'_>) -> Option<String> {
    let is_ours = |name: &String| {
        !loader.is_folder(name)
            && loader.peek(name).ok().flatten().is_some_and(|text| text.contains("refinery"))
    };
    let images = |folder: &str| {
        let names = loader.names(folder).into_iter().filter(|name| builds_image(name));
        names.map(|name| join(folder, &name)).filter(is_ours).collect::<Vec<_>>()
    };
    let mut all = images(folder);
    if all.is_empty() {
        all = loader.adjacent(folder).iter().flat_map(|folder| images(folder)).collect();
    }
    Some(all).filter(|all| all.len() == 1)?.pop()
}

/// Describes the deployments of the images that the targets of a bake file build.
///
/// # Errors
/// Something that one of them names cannot be read.
pub fn open_bake(
    outer: Outer<'_>,
    document: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let targets = document.get("target").map(Item::entries).unwrap_or_default();
    let folder = split(outer.name).0.to_owned();
    for entry in targets {
        for target in entry.item.list().unwrap_or_default() {
            let mut build = target.clone();
            for entry in build.value.as_entries_mut().into_iter().flatten() {
                if entry.key == "dockerfile-inline" {
                    "dockerfile_inline".clone_into(&mut entry.key);
                }
            }
            let item = map(vec![Entry { key: "build".to_owned(), key_span: None, item: build }]);
            let service = Service::read(&item, &folder, |_| None);
            let service = over_image(service, &folder, loader)?;
            if runs_refinery(&service) {
                opened.built.extend(service.built.clone());
                let service = Service { place: entry.key_span, ..service };
                let mut project = Project::load(outer.name, &[], folder.clone(), loader)?;
                let name = SourceName::within(outer.name, format!("target.{}", entry.key));
                let title = entry.key.clone();
                let container = Container::new(&mut project, &service, name, title, outer.file);
                container.of_image().open(loader, opened)?;
            }
        }
    }
    Ok(())
}

/// The containers of all Dockerfiles in a folder.
///
/// # Errors
/// A Dockerfile cannot be read.
pub fn find_images(
    folder: &str,
    loader: &mut Loader<'_>,
) -> Result<Vec<UnlinkedContainer>, InputError> {
    let names = loader.names(folder).into_iter().filter(|name| builds_image(name));
    let names: Vec<String> = names.map(|name| join(folder, &name)).collect();
    let mut found = Vec::new();
    for name in names {
        let is_near = loader.peek(&name).ok().flatten().is_some_and(|it| it.contains("refinery"));
        if is_near && !loader.is_folder(&name) {
            found.extend(find_image(&name, loader)?);
        }
    }
    Ok(found)
}

/// Describes the deployments of all services in a file that run Refinery.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open_services(
    outer: Outer<'_>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let (before, mut lost) = (opened.runners(), Vec::new());
    opened.report(find_invalid(outer));
    let combined = combined_with(outer.name, loader);
    let mut waiting = vec![(outer.name.to_owned(), split(outer.name).0.to_owned(), Vec::new())];
    let mut seen = BTreeSet::new();
    while let Some((name, folder, over)) = waiting.pop() {
        if seen.len() >= MOST_INCLUDED || !seen.insert(name.clone()) {
            continue;
        }
        let mut layers = Vec::new();
        for name in std::iter::once(&name).chain(&over) {
            if let Read::Layers(own) = read(loader, name)? {
                layers.extend_from_slice(&own);
            }
        }
        // Other programs use these keys too.
        let is_project = |layer: &Layer| layer.item.get("services").is_some_and(is_map);
        if !names_others(&name) && !layers.iter().any(is_project) {
            continue;
        }
        let mut project = Project::load(&name, &layers, folder, loader)?;
        for include in included(&mut project) {
            match find_included(&include, loader)? {
                Ok((name, _)) if include.is_over => {
                    // Files that are merged are complete only together.
                    opened.bases.push(name.clone());
                    if let Some((first, _, over)) = waiting.last_mut() {
                        opened.bases.push(first.clone());
                        over.push(name);
                    }
                }
                Ok((name, folder)) => waiting.push((name, folder, Vec::new())),
                Err(why) => lost.push(include.finding(outer, &why)),
            }
        }
        // Files that are merged are called after the one that includes them.
        let named = (!over.is_empty()).then_some(outer.name);
        open_project(project, named, "", loader, opened)?;
    }
    let is_one = combined.len() == 1;
    for Combined { command, files } in combined {
        let mut layers = Vec::new();
        for name in &files {
            if let Read::Layers(own) = read(loader, name)? {
                layers.extend_from_slice(&own);
            }
        }
        // Paths are relative to the folder of the first file.
        let folder = files.first().map(|first| split(first).0.to_owned()).unwrap_or_default();
        let project = Project::of_layers(layers, folder, loader)?;
        let last = files.last().filter(|_| !is_one).map(|last| format!("{}.", split(last).1));
        let prefix = last.unwrap_or_default();
        open_project(project, Some(&command), &prefix, loader, opened)?;
        opened.bases.extend(files);
    }
    for (finding, may_run) in lost {
        if may_run || opened.runners() == before {
            opened.unchecked.push(finding);
        } else {
            opened.notices.push(Notice::of(outer.name, finding));
        }
    }
    Ok(())
}

/// Describes the deployments of a project, which are called after its files or the one that is `named`.
fn open_project(
    mut project: Project,
    named: Option<&str>,
    prefix: &str,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    // Several services may extend one that is missing.
    let key = |finding: &Finding| (finding.primary(), finding.message.clone());
    let mut known: HashSet<_> = opened.unchecked.iter().map(key).collect();
    let mut services = Vec::new();
    for name in project.service_names() {
        let Some((service, layer)) = project.service(&name, loader)? else { continue };
        let service = with_script(over_image(service, &project.folder, loader)?, loader);
        services.push((name, service, layer, std::mem::take(&mut project.lost)));
    }
    // Beside a service that certainly runs Refinery, others of its names and files prepare or check
    // them.
    let is_any_certain = services.iter().any(|(_, service, ..)| runs_refinery(service));
    for (name, service, layer, lost) in services {
        let runs = runs_refinery(&service) || !is_any_certain && may_run_refinery(&name, &service);
        for (finding, may_run) in lost {
            match runs || may_run {
                true if !known.insert(key(&finding)) => {}
                true => opened.unchecked.push(finding),
                false => project.notices.push(Notice::of(&*layer.name, finding)),
            }
        }
        if !runs {
            opened.unchecked.extend(find_unbuilt(&name, &service, &project.folder));
            continue;
        }
        opened.built.extend(service.built.clone());
        let file = named.unwrap_or(&layer.name);
        let place = SourceName::within(file, format!("{prefix}{name}"));
        Container::new(&mut project, &service, place, name, layer.file).open(loader, opened)?;
    }
    // What others extend is complete only in these.
    let bases = project.extended().filter(|name| !is_project_file(name));
    opened.bases.extend(bases.map(str::to_owned));
    if !opened.described.is_empty() {
        opened.notices.append(&mut project.notices);
    }
    Ok(())
}

/// Reports a service that is named like Refinery and built from a Dockerfile that cannot be read.
fn find_unbuilt(name: &str, service: &Service, folder: &str) -> Option<Finding> {
    let build = service.build.as_ref().filter(|_| service.built.is_none())?;
    let context = build.context(folder)?;
    let is_named = name.to_ascii_lowercase().contains("refinery");
    (is_named && service.image.is_none()).then(|| {
        let message =
            format!("`{name}` is built in `{context}` from a Dockerfile that cannot be read");
        Finding::new(&UNFOLLOWED, message)
            .at_some(service.place, "this service")
            .help("check the path of the Dockerfile and that git tracks it")
    })
}

fn is_map(item: &Item) -> bool {
    matches!(item.value, Value::Map(_))
}
