//! The files of a compose project: the opened one, the override that compose merges over it by
//! default, and those that it extends.

use super::UNFOLLOWED;
use super::layer::{Layer, Read, read};
use super::service::Service;
use super::variables::{EnvFile, Variables, read_env_file};
use super::words::known;
use crate::deploy::at;
use crate::deploy::loader::Loader;
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::source_name::SourceName;
use crate::span::FileId;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The default files of compose: the first existing one of each list is used.
const FILES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Whether compose finds a file by its name.
pub fn is_project_file(name: &str) -> bool {
    FILES.contains(&split(name).1)
}

/// The maximum depth of `extends`.
const DEEPEST: usize = 8;

/// Files that are read as one project, and their variables.
pub struct Project {
    /// In the order in which they are merged; at least one.
    pub layers: Rc<[Layer]>,
    /// Files named by `extends` that have been read.
    named: BTreeMap<String, Option<Rc<[Layer]>>>,
    /// The folder that paths are relative to.
    pub folder: String,
    pub variables: Variables,
    pub notices: Vec<Notice>,
    /// What services extend that cannot be read, each with whether its name suggests Refinery.
    pub lost: Vec<(Finding, bool)>,
    /// Whether no other file is merged with these.
    is_complete: bool,
}

/// The files of the project that a file is part of, in the order in which they are merged: those
/// that `COMPOSE_FILE` lists, the default one and its override, or the file alone.
fn files_with(
    name: &str,
    folder: &str,
    variables: &BTreeMap<String, String>,
    loader: &Loader<'_>,
) -> Vec<String> {
    let variable = |name| variables.get(name).map(String::as_str);
    let separator = variable("COMPOSE_PATH_SEPARATOR").unwrap_or(":");
    let listed = variable("COMPOSE_FILE").unwrap_or_default().split(separator);
    let listed: Vec<String> = listed.map(|path| join(folder, path.trim())).collect();
    if listed.iter().any(|listed| listed == name) {
        return listed;
    }
    let own = split(name).0;
    let names = loader.names(own);
    let first = |known: &[&'static str]| {
        let first = known.iter().copied().find(|known| names.iter().any(|name| name == known));
        first.map(|first| join(own, first))
    };
    let both = first(&FILES).map(|base| [Some(base), first(&OVERRIDES)]);
    let both: Vec<String> = both.into_iter().flatten().flatten().collect();
    if both.iter().any(|file| file == name) { both } else { vec![name.to_owned()] }
}

/// Reports that a service extends one that cannot be read, and whether a name suggests Refinery.
fn find_lost(own: &[Layer], entry: &Entry, extends: &Item) -> (Finding, bool) {
    let file = own.first().map_or("", |layer| &layer.name);
    let parts = [extends.get("file"), extends.get("service"), Some(extends)];
    let parts: Vec<&str> = parts.into_iter().flatten().filter_map(Item::text).collect();
    let base = parts.join("#");
    let message = format!(
        "{}: cannot read the service that it extends: `{base}`",
        SourceName::within(file, &entry.key)
    );
    let finding = Finding::new(&UNFOLLOWED, message)
        .at_some(extends.beginning().or(entry.key_span), "extended here")
        .help("extend a service in this repository");
    let names = [entry.key.as_str(), &base];
    (finding, names.iter().any(|name| name.to_ascii_lowercase().contains("refinery")))
}

impl Project {
    /// Loads the project of a file with these documents; its paths are relative to `folder`.
    ///
    /// # Errors
    /// A file in the same folder cannot be read.
    pub fn load(
        name: &str,
        opened: &[Layer],
        folder: String,
        loader: &mut Loader<'_>,
    ) -> Result<Self, InputError> {
        let mut project = Self::of_layers(Vec::new(), folder, loader)?;
        let mut layers = Vec::new();
        for other in files_with(name, &project.folder, project.variables.known(), loader) {
            if other == name {
                layers.extend_from_slice(opened);
            } else if let Read::Layers(beside) = read(loader, &other)? {
                layers.extend_from_slice(&beside);
            }
        }
        (project.layers, project.is_complete) = (layers.into(), false);
        Ok(project)
    }

    /// A project of exactly these documents; its paths are relative to `folder`.
    ///
    /// # Errors
    /// A file in the same folder cannot be read.
    pub fn of_layers(
        layers: Vec<Layer>,
        folder: String,
        loader: &Loader<'_>,
    ) -> Result<Self, InputError> {
        let mut notices = Vec::new();
        let env_file = join(&folder, ".env");
        let known = match read_env_file(loader.store, &env_file)? {
            EnvFile::Known(known) => known,
            EnvFile::Missing => [].into(),
            EnvFile::Bad(why) => {
                notices.push(Notice::on(&env_file, format!("its variables are unknown: {why}")));
                [].into()
            }
        };
        let variables = Variables::new(known);
        let (layers, named, lost) = (layers.into(), BTreeMap::new(), Vec::new());
        Ok(Self { layers, named, folder, variables, notices, lost, is_complete: true })
    }

    /// The files with services that it extends.
    pub fn extended(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    /// The names of all services, in order.
    pub fn service_names(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let services = self.layers.iter().filter_map(|layer| layer.item.get("services"));
        let names = services.flat_map(Item::entries).map(|entry| entry.key.clone());
        names.filter(|name| seen.insert(name.clone())).collect()
    }

    /// A merged service, and the first document that defines it.
    ///
    /// # Errors
    /// A file that it extends cannot be read.
    pub fn service(
        &mut self,
        name: &str,
        loader: &mut Loader<'_>,
    ) -> Result<Option<(Service, Layer)>, InputError> {
        let (layers, folder) = (Rc::clone(&self.layers), self.folder.clone());
        let first = layers.iter().find(|layer| layer.service(name).is_some());
        let service = self.read(&layers, &folder, name, loader, 0)?;
        Ok(service.zip(first.cloned()))
    }

    /// `None` if these documents have no such service.
    fn read(
        &mut self,
        layers: &[Layer],
        folder: &str,
        name: &str,
        loader: &mut Loader<'_>,
        depth: usize,
    ) -> Result<Option<Service>, InputError> {
        let mut merged: Option<Service> = None;
        for layer in layers {
            if layer.replaced(name).any(str::is_empty) {
                merged = None;
            }
            for key in layer.replaced(name) {
                merged = merged.map(|below| below.without(key));
            }
            let Some(entry) = layer.service(name) else { continue };
            let own: Vec<Layer> =
                layers.iter().filter(|other| other.name == layer.name).cloned().collect();
            let service = self.read_one(&own, entry, folder, loader, depth)?;
            merged = Some(match merged {
                Some(below) => service.over(below),
                None => service,
            });
        }
        Ok(merged)
    }

    /// A service of one document, merged over what it extends; `own` are all documents of its file.
    fn read_one(
        &mut self,
        own: &[Layer],
        entry: &Entry,
        folder: &str,
        loader: &mut Loader<'_>,
        depth: usize,
    ) -> Result<Service, InputError> {
        let mut item = entry.item.clone();
        self.variables.fill(&mut item);
        let service =
            Service::read(&item, folder, |name| self.variables.get(name).map(str::to_owned));
        let service = Service { place: entry.key_span, ..service };
        let Some(extends) = item.get("extends").filter(|item| item.value != Value::Null) else {
            return Ok(service);
        };
        let base = self.base(own, folder, extends, loader, depth)?;
        let below = base.unwrap_or_else(|| {
            self.lost.push(find_lost(own, entry, extends));
            Service { is_partial: true, ..Service::default() }
        });
        Ok(service.over(below))
    }

    /// The service that `extends` names, in the same file or another one.
    fn base(
        &mut self,
        own: &[Layer],
        folder: &str,
        extends: &Item,
        loader: &mut Loader<'_>,
        depth: usize,
    ) -> Result<Option<Service>, InputError> {
        let name = extends.text().or_else(|| extends.get("service")?.text());
        let Some(name) = name.filter(|_| depth < DEEPEST) else { return Ok(None) };
        let Some(file) = extends.get("file") else {
            return self.read(own, folder, name, loader, depth + 1);
        };
        let path = known(file).filter(|path| !path.starts_with('/'));
        let Some(file) = path else { return Ok(None) };
        let file = join(folder, &file);
        if !self.named.contains_key(&file) {
            let layers = match read(loader, &file)? {
                Read::Layers(layers) => Some(layers),
                Read::Missing | Read::Unreadable => None,
            };
            self.named.insert(file.clone(), layers);
        }
        match self.named.get(&file).cloned().flatten() {
            Some(others) => self.read(&others, split(&file).0, name, loader, depth + 1),
            None => Ok(None),
        }
    }

    /// An element of `configs` or `secrets`, with variables replaced except in `content`, which the
    /// caller replaces.
    pub fn definition(&mut self, kind: &str, name: &str) -> Option<(FileId, Item)> {
        let find = |layer: &Layer| at(&layer.item, &[kind, name]).cloned();
        let mut item = self.layers.iter().rev().find_map(find)?;
        for entry in item.entries_mut().iter_mut().filter(|entry| entry.key != "content") {
            self.variables.fill(&mut entry.item);
        }
        item.span.map(|span| (span.file, item))
    }

    /// Whether another compose file in the folder also has this service, and may be merged with
    /// `-f`.
    ///
    /// # Errors
    /// A file in the same folder cannot be read.
    pub fn may_be_completed(
        &self,
        service: &str,
        loader: &mut Loader<'_>,
    ) -> Result<bool, InputError> {
        if self.is_complete {
            return Ok(false);
        }
        for name in loader.names(&self.folder) {
            let name = join(&self.folder, &name);
            let is_other = self.layers.iter().all(|layer| *layer.name != *name);
            if is_other && crate::sniff::containers::names_others(&name) && !loader.is_folder(&name)
            {
                let text = loader.text(&name)?.map(|(_, text)| text).unwrap_or_default();
                if text.contains(&format!("{service}:")) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
