//! The files of one compose project: the one that is opened, the override that compose lays over it
//! by itself, and those whose services it extends.

use super::layer::{Layer, Read, read};
use super::service::Service;
use super::variables::{EnvFile, Variables, read_env_file};
use super::words::known;
use crate::deploy::at;
use crate::deploy::loader::Loader;
use crate::span::FileId;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What compose looks for by itself: the first of each that is there.
const FILES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Services extend others so far.
const DEEPEST: usize = 8;

/// Files that are read as one, and their variables.
pub struct Project {
    /// In the order in which they are laid over each other; at least one.
    pub layers: Rc<[Layer]>,
    /// Files that are named, as far as they have been read.
    named: BTreeMap<String, Option<Rc<[Layer]>>>,
    /// What paths lead on from.
    pub folder: String,
    pub variables: Variables,
    pub notices: Vec<String>,
}

impl Project {
    /// The project that a file with these documents belongs to; its paths lead on from `folder`.
    ///
    /// # Errors
    /// A file beside it cannot be read.
    pub fn around(
        name: &str,
        opened: &[Layer],
        folder: String,
        around: &mut Loader<'_>,
    ) -> Result<Self, InputError> {
        let (own_folder, file) = split(name);
        let names = around.names(own_folder);
        let first = |known: &[&'static str]| {
            known.iter().copied().find(|known| names.iter().any(|name| name == known))
        };
        let (base, over) = (first(&FILES), first(&OVERRIDES));
        let is_one_of_both = [base, over].contains(&Some(file));
        let mut layers = Vec::new();
        for other in [base, over].into_iter().flatten().filter(|_| is_one_of_both && base.is_some())
        {
            if other == file {
                layers.extend_from_slice(opened);
            } else if let Read::Layers(beside) = read(around, &join(own_folder, other))? {
                layers.extend_from_slice(&beside);
            }
        }
        if layers.is_empty() {
            layers.extend_from_slice(opened);
        }
        let mut notices = Vec::new();
        let env_file = join(&folder, ".env");
        let known = match read_env_file(around.store, &env_file)? {
            EnvFile::Known(known) => known,
            EnvFile::Missing => [].into(),
            EnvFile::Bad(why) => {
                notices.push(format!("{env_file}: its variables are unknown, {why}"));
                [].into()
            }
        };
        let variables = Variables::new(known);
        Ok(Self { layers: layers.into(), named: BTreeMap::new(), folder, variables, notices })
    }

    /// The names of all services, in their order.
    pub fn service_names(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let services = self.layers.iter().filter_map(|layer| layer.item.get("services"));
        let names = services.flat_map(Item::entries).map(|entry| entry.key.clone());
        names.filter(|name| seen.insert(name.clone())).collect()
    }

    /// A service with all that is laid over it, and the document that names it first.
    ///
    /// # Errors
    /// A file that it extends cannot be read.
    pub fn service(
        &mut self,
        name: &str,
        around: &mut Loader<'_>,
    ) -> Result<Option<(Service, Layer)>, InputError> {
        let (layers, folder) = (Rc::clone(&self.layers), self.folder.clone());
        let first = layers.iter().find(|layer| layer.service(name).is_some());
        let service = self.read(&layers, &folder, name, around, 0)?;
        Ok(service.zip(first.cloned()))
    }

    /// None where these documents have no such service.
    fn read(
        &mut self,
        layers: &[Layer],
        folder: &str,
        name: &str,
        around: &mut Loader<'_>,
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
            let service = self.read_one(&own, entry, folder, around, depth)?;
            merged = Some(match merged {
                Some(below) => service.over(below),
                None => service,
            });
        }
        Ok(merged)
    }

    /// A service of one document, over what it extends; `own` are all documents of its file.
    fn read_one(
        &mut self,
        own: &[Layer],
        entry: &Entry,
        folder: &str,
        around: &mut Loader<'_>,
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
        let base = self.base(own, folder, extends, around, depth)?;
        let below = base.unwrap_or_else(|| {
            let file = own.first().map_or("", |layer| &layer.name);
            let why = "not known as a whole, what it extends cannot be had";
            self.notices.push(format!("{file}#{}: {why}", entry.key));
            Service { is_partial: true, ..Service::default() }
        });
        Ok(service.over(below))
    }

    /// The service that another one extends, of the same file or another one.
    fn base(
        &mut self,
        own: &[Layer],
        folder: &str,
        extends: &Item,
        around: &mut Loader<'_>,
        depth: usize,
    ) -> Result<Option<Service>, InputError> {
        let name = extends.text().or_else(|| extends.get("service")?.text());
        let Some(name) = name.filter(|_| depth < DEEPEST) else { return Ok(None) };
        let Some(file) = extends.get("file") else {
            return self.read(own, folder, name, around, depth + 1);
        };
        let path = known(file).filter(|path| !path.starts_with('/'));
        let Some(file) = path else { return Ok(None) };
        let file = join(folder, &file);
        if !self.named.contains_key(&file) {
            let layers = match read(around, &file)? {
                Read::Layers(layers) => Some(layers),
                Read::Missing | Read::Unreadable => None,
            };
            self.named.insert(file.clone(), layers);
        }
        match self.named.get(&file).cloned().flatten() {
            Some(others) => self.read(&others, split(&file).0, name, around, depth + 1),
            None => Ok(None),
        }
    }

    /// One of the project's own `configs` or `secrets`, with its variables replaced, unless it is a
    /// text: that is for whoever wants it.
    pub fn held(&mut self, kind: &str, name: &str) -> Option<(FileId, Item)> {
        let find = |layer: &Layer| at(&layer.item, &[kind, name]).cloned();
        let mut item = self.layers.iter().rev().find_map(find)?;
        for entry in item.entries_mut().iter_mut().filter(|entry| entry.key != "content") {
            self.variables.fill(&mut entry.item);
        }
        item.span.map(|span| (span.file, item))
    }

    /// Is there a file beside it that may say more of a service, where somebody lays it over?
    ///
    /// # Errors
    /// A file beside it cannot be read.
    pub fn may_be_completed(
        &self,
        service: &str,
        around: &mut Loader<'_>,
    ) -> Result<bool, InputError> {
        for name in around.names(&self.folder) {
            let name = join(&self.folder, &name);
            let is_other = self.layers.iter().all(|layer| layer.name != name);
            if is_other && crate::sniff::containers::names_others(&name) && !around.is_folder(&name)
            {
                let text = around.text(&name)?.map(|(_, text)| text).unwrap_or_default();
                if text.contains(&format!("{service}:")) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
