//! The files of one compose project: the one that is opened, the override that compose lays over it
//! by itself, and those whose services it extends.

use super::service::Service;
use super::variables::{EnvFile, Variables, read_env_file};
use crate::deploy::at;
use crate::deploy::loader::Loader;
use crate::span::FileId;
use crate::syntax::{DataFormat, Dialect, Item, Value, parse, read_document_as};
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

/// One file, read.
#[derive(Clone)]
pub struct Layer {
    pub name: String,
    pub item: Item,
}

/// Files that are read as one, and their variables.
pub struct Project {
    /// In the order in which they are laid over each other; at least one.
    pub layers: Rc<[Layer]>,
    /// Files that are named, as far as they have been read.
    named: BTreeMap<String, Option<Rc<Layer>>>,
    /// What paths lead on from.
    pub folder: String,
    pub variables: Variables,
    pub notices: Vec<String>,
}

impl Project {
    /// The project that a file belongs to.
    ///
    /// # Errors
    /// A file beside it cannot be read.
    pub fn around(opened: Layer, around: &mut Loader<'_>) -> Result<Self, InputError> {
        let (folder, file) = split(&opened.name);
        let folder = folder.to_owned();
        let names = around.names(&folder);
        let first = |known: &[&'static str]| {
            known.iter().copied().find(|known| names.iter().any(|name| name == known))
        };
        let (base, over) = (first(&FILES), first(&OVERRIDES));
        let is_one_of_both = [base, over].contains(&Some(file));
        let mut layers = Vec::new();
        for name in [base, over].into_iter().flatten().filter(|_| is_one_of_both && base.is_some())
        {
            if name == file {
                layers.push(opened.clone());
            } else {
                layers.extend(read_layer(around, &join(&folder, name))?);
            }
        }
        if layers.is_empty() {
            layers.push(opened);
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

    /// A service with all that is laid over it, and the file that names it first.
    ///
    /// # Errors
    /// A file that it extends cannot be read.
    pub fn service(
        &mut self,
        name: &str,
        around: &mut Loader<'_>,
    ) -> Result<(Service, String), InputError> {
        let mut merged: Option<(Service, String)> = None;
        let (layers, folder) = (Rc::clone(&self.layers), self.folder.clone());
        for layer in &*layers {
            let Some(service) = self.read(layer, &folder, name, around, 0)? else { continue };
            merged = Some(match merged {
                Some((below, file)) => (service.over(below), file),
                None => (service, layer.name.clone()),
            });
        }
        Ok(merged.unwrap_or_default())
    }

    /// None where the file has no such service.
    fn read(
        &mut self,
        layer: &Layer,
        folder: &str,
        name: &str,
        around: &mut Loader<'_>,
        depth: usize,
    ) -> Result<Option<Service>, InputError> {
        let Some(entry) = layer.item.get("services").and_then(|all| all.entry(name)) else {
            return Ok(None);
        };
        let mut item = entry.item.clone();
        self.variables.fill(&mut item);
        let service =
            Service::read(&item, folder, |name| self.variables.get(name).map(str::to_owned));
        let service = Service { place: entry.key_span, ..service };
        let Some(extends) = item.get("extends").filter(|item| item.value != Value::Null) else {
            return Ok(Some(service));
        };
        let base = self.base(layer, folder, extends, around, depth)?;
        let below = base.unwrap_or_else(|| {
            let text = format!(
                "{}#{name}: not known as a whole, what it extends cannot be had",
                layer.name
            );
            self.notices.push(text);
            Service { is_partial: true, ..Service::default() }
        });
        Ok(Some(service.over(below)))
    }

    /// The service that another one extends, of the same file or another one.
    fn base(
        &mut self,
        layer: &Layer,
        folder: &str,
        extends: &Item,
        around: &mut Loader<'_>,
        depth: usize,
    ) -> Result<Option<Service>, InputError> {
        let name = extends.text().or_else(|| extends.get("service")?.text());
        let Some(name) = name.filter(|_| depth < DEEPEST) else { return Ok(None) };
        let Some(file) = extends.get("file") else {
            return self.read(layer, folder, name, around, depth + 1);
        };
        let Some(file) = file.text().filter(|path| !path.starts_with('/')) else { return Ok(None) };
        let file = join(folder, file);
        if !self.named.contains_key(&file) {
            let layer = read_layer(around, &file)?.map(Rc::new);
            self.named.insert(file.clone(), layer);
        }
        match self.named.get(&file).cloned().flatten() {
            Some(other) => self.read(&other, split(&file).0, name, around, depth + 1),
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

/// A file that is there and can be read as one document.
///
/// # Errors
/// It cannot be read.
pub fn read_layer(around: &mut Loader<'_>, name: &str) -> Result<Option<Layer>, InputError> {
    let Some((file, text)) = around.text_in_sight(name)? else { return Ok(None) };
    let tree = parse(file, DataFormat::Yaml, &text).tree;
    let item = tree.map(|tree| read_document_as(Dialect::Helm, &tree).0);
    Ok(item.map(|item| Layer { name: name.to_owned(), item }))
}
