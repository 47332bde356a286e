//! Releases pinned in files other than those of the deployment: helmfiles, Argo CD and Flux
//! objects, Terraform, Dockerfiles, `fly.toml`, scripts, workflows and units.
//!
//! A file counts for a deployment if it refers to its files. Only reads releases; must not open
//! deployments.

mod charts;
mod commands;
mod images;
mod others;
mod terraform;
mod variables;

pub use others::installs_other;

use super::chart::facts::Chart as Facts;
use super::chart::set::Setting;
use super::chart_pin::ChartPin;
use super::near::{NearFile, NearFolders};
use super::object_index::{MAPS, ObjectIndex};
use super::workload::pin_of_image;
use super::{CHART_FILE, read_item, word};
use crate::release::{Named, Pin};
use crate::sniff::containers::names_values;
use crate::sniff::file_name::{is_hcl, is_terraform};
use crate::sniff::shebang::is_script_file;
use crate::span::FileId;
use crate::vfs::Vfs;
use crate::vfs::path::{below, folder_path, join, split, split_extension};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

/// How the file of a chart refers to a file with values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It names the file.
    Names,
    /// It names a `ConfigMap` or Secret that is in the file.
    Maps,
    /// The release itself, or a change of it, is in the file.
    Contains,
}

/// The use of a chart with the values in a file.
pub struct Installation {
    /// Or why the version is unclear: several files install different versions.
    pub pin: Result<ChartPin, String>,
    pub relation: Relation,
    /// Values files over which those of the file are merged, lowest first.
    pub bases: Vec<String>,
    /// Single values that are set over them.
    pub settings: Vec<Setting>,
    /// Whether other values are merged over those of the file wherever it is used.
    pub is_layer: bool,
}

/// Finds the chart that nearby files install with this values file.
pub fn find_chart(folders: &NearFolders, store: &dyn Vfs, values: &str) -> Option<Installation> {
    let near = folders.near(store, values);
    let own = ValuesFile::new(&near, store, values);
    let charts = charts_near(folders, store, values);
    let related = |pin: &ChartPin| {
        let relation = own.relation(pin)?;
        Some((relation, own.with_local_version(own.with_variables(pin.clone()))))
    };
    let mut found: Vec<(Relation, ChartPin)> = charts.iter().filter_map(related).collect();
    let says_something = |pin: &ChartPin| pin.version.is_some() || pin.tag.is_some();
    found.sort_by_key(|(_, pin)| !says_something(pin));
    let (relation, first) = found.first()?.clone();
    let said = found.iter().map(|(_, pin)| pin).filter(|pin| says_something(pin));
    let other =
        said.into_iter().find(|pin| (&pin.version, &pin.tag) != (&first.version, &first.tag));
    let bases = own.base_files(&first);
    let is_layer = found.iter().all(|(relation, pin)| own.is_below_others(*relation, pin));
    let settings = if is_layer { Vec::new() } else { first.settings.clone() };
    let pin = match other {
        Some(other) => Err(format!("{} and {} name different versions", first.file, other.file)),
        None => Ok(first),
    };
    Some(Installation { pin, relation, bases, settings, is_layer })
}

/// The nearby files that install the chart with this values file.
pub fn installing(folders: &NearFolders, store: &dyn Vfs, values: &str) -> BTreeSet<String> {
    if !folders.may_install(store, values) {
        return BTreeSet::new();
    }
    let near = folders.near(store, values);
    let own = ValuesFile::new(&near, store, values);
    let charts = charts_near(folders, store, values);
    let naming = charts.iter().filter(|pin| own.relation(pin) == Some(Relation::Names));
    naming.map(|pin| pin.file.clone()).collect()
}

/// The nearby files that may install a chart of the repository with this values file.
pub fn installing_locally(
    folders: &NearFolders,
    store: &dyn Vfs,
    values: &str,
) -> BTreeSet<String> {
    let own = split(values).1;
    let may_name = |text: &str| names_values(text) || text.contains("helm");
    let is_local = |file: &NearFile| match file.own_name() {
        CHART_FILE => below(values, file.folder()).is_some(),
        _ => file.text.contains(own) && may_name(&file.text),
    };
    let near = folders.near(store, values);
    near.iter().filter(|file| is_local(file)).map(|file| file.name.clone()).collect()
}

/// The nearby files that install something for each folder beside this one.
pub fn generating(folders: &NearFolders, store: &dyn Vfs, folder: &str) -> BTreeSet<String> {
    let near = folders.near(store, &join(folder, "x"));
    let is_set =
        |file: &NearFile| file.text.contains("ApplicationSet") && file.text.contains("directories");
    near.iter().filter(|file| is_set(file)).map(|file| file.name.clone()).collect()
}

/// The charts that the files near a file install.
fn charts_near(folders: &NearFolders, store: &dyn Vfs, file: &str) -> Rc<[ChartPin]> {
    folders.charts(store, file, |near| read_charts(near, store))
}

/// The charts that some files install.
fn read_charts(near: &[Rc<NearFile>], store: &dyn Vfs) -> Vec<ChartPin> {
    let of_text = |file: &NearFile| {
        let is_module = is_terraform(&file.name) || file.extension() == "hcl";
        let mut pins = if is_module { terraform::read(file) } else { commands::read(file) };
        for pin in pins.iter_mut().filter(|_| is_script_file(&file.name, &file.text)) {
            pin.found = pin.values.iter().filter_map(|word| file.resolve(word, store)).collect();
        }
        pins
    };
    let of_file = |file: &Rc<NearFile>| {
        let is_yaml = ["yaml", "yml", "gotmpl"].contains(&file.extension());
        let items = if is_yaml { charts::read(file, near) } else { Vec::new() };
        items.into_iter().chain(file.charts(of_text).to_vec()).collect::<Vec<_>>()
    };
    near.iter().flat_map(of_file).collect()
}

/// A file with values, and what is in it.
struct ValuesFile<'o> {
    near: &'o [Rc<NearFile>],
    store: &'o dyn Vfs,
    values: &'o str,
    /// The maps that are generated from it.
    generated: OnceCell<BTreeSet<String>>,
    objects: OnceCell<ObjectIndex>,
}

impl<'o> ValuesFile<'o> {
    fn new(near: &'o [Rc<NearFile>], store: &'o dyn Vfs, values: &'o str) -> Self {
        Self { near, store, values, generated: OnceCell::new(), objects: OnceCell::new() }
    }

    /// The same with the values of variables that files near it set.
    fn with_variables(&self, pin: ChartPin) -> ChartPin {
        let fill = |written: Option<String>| {
            let written = written?;
            let Some(name) = variables::variable(&written) else { return Some(written) };
            let found = variables::value(name, &pin.file, self.near);
            Some(found.or_else(|| self.value_of_module(name, &pin.file)).unwrap_or(written))
        };
        ChartPin { version: fill(pin.version), tag: fill(pin.tag), ..pin }
    }

    /// The value of a variable in the other files of a module of Terraform, which need not mention
    /// Refinery.
    fn value_of_module(&self, name: &str, file: &str) -> Option<String> {
        let (folder, own) = split(file);
        let is_module = |name: &String| is_terraform(name) || split_extension(name).1 == "tfvars";
        let names = self.store.names(folder_path(folder)).into_iter().filter(is_module);
        let mut texts = names.filter(|_| is_hcl(own)).filter_map(|name| {
            let path = join(folder, &name);
            String::from_utf8(self.store.read(Path::new(&path), &path).ok()?).ok()
        });
        texts.find_map(|text| variables::set_to(name, &text).map(str::to_owned))
    }

    /// The same with the version of a copy of the chart in the repository.
    fn with_local_version(&self, pin: ChartPin) -> ChartPin {
        let is_path = pin.version.is_none() && !pin.chart.contains("://");
        let local = || {
            let file = self.near.iter().find(|file| file.name == pin.file).filter(|_| is_path)?;
            let path = join(&file.resolve_chart(&pin.chart, self.store)?, CHART_FILE);
            let text = self.store.read(Path::new(&path), &path).ok()?;
            let text = String::from_utf8_lossy(&text);
            Facts::is_of_honeycomb(&text).then_some(())?;
            let description = read_item(FileId(0), &text).ok()?;
            description.get("version").and_then(word)
        };
        ChartPin { version: local().or(pin.version), ..pin }
    }

    fn relation(&self, pin: &ChartPin) -> Option<Relation> {
        if pin.file == self.values {
            return Some(Relation::Contains);
        }
        let file = self.near.iter().find(|file| file.name == pin.file)?;
        let is_meant = |word: &String| file.means(word, self.values);
        if pin.values.iter().any(is_meant) || pin.found.iter().any(|found| found == self.values) {
            return Some(Relation::Names);
        }
        let generated =
            || self.generated.get_or_init(|| charts::generated_from(self.near, self.values));
        if pin.maps.iter().any(|map| generated().contains(map)) {
            return Some(Relation::Names);
        }
        let has = |kinds: &[&str], names: &[String]| {
            names.iter().any(|name| self.objects().has(kinds, name))
        };
        if has(&MAPS, &pin.maps) {
            return Some(Relation::Maps);
        }
        has(&["HelmRelease"], pin.release.as_slice()).then_some(Relation::Contains)
    }

    fn objects(&self) -> &ObjectIndex {
        self.objects.get_or_init(|| {
            let bytes = self.store.read(Path::new(self.values), self.values).unwrap_or_default();
            ObjectIndex::of(&String::from_utf8_lossy(&bytes))
        })
    }

    /// Whether a use of a chart has other values over those of this file.
    fn is_below_others(&self, relation: Relation, pin: &ChartPin) -> bool {
        let file = self.near.iter().find(|file| file.name == pin.file);
        let Some(file) = file.filter(|_| relation != Relation::Contains) else { return false };
        let is_it = |word: &String| file.means(word, self.values);
        let after = pin.values.iter().rev().take_while(|word| !is_it(word));
        let is_named = pin.values.iter().any(is_it);
        let is_file = |word: &String| file.resolve(word, self.store).is_some();
        pin.has_own || is_named && after.into_iter().any(is_file)
    }

    /// The files that a chart names before this one.
    fn base_files(&self, pin: &ChartPin) -> Vec<String> {
        let Some(file) = self.near.iter().find(|file| file.name == pin.file) else {
            return Vec::new();
        };
        let before = pin.values.iter().take_while(|word| !file.means(word, self.values));
        let before: Vec<&String> = before.collect();
        if before.len() == pin.values.len() {
            return Vec::new();
        }
        before.into_iter().filter_map(|word| file.resolve(word, self.store)).collect()
    }
}

/// Finds the release of the image that nearby files run with one of these files.
pub fn find_image(folders: &NearFolders, store: &dyn Vfs, files: &[&str]) -> Option<Pin> {
    let first = files.first()?;
    let mut pins: Vec<Pin> = Vec::new();
    for file in folders.near(store, first).iter() {
        // Most files run no image of Refinery, and their words are many.
        let images = file.images(read_images);
        if images.is_empty() || files.contains(&file.name.as_str()) {
            continue;
        }
        if images::kind(file).is_some_and(|kind| images::runs_with(file, kind, files)) {
            pins.extend_from_slice(images);
        }
    }
    let first = pins.first()?;
    match pins.iter().find(|pin| pin.named != first.named) {
        Some(other) => {
            let why = format!("{} and {} name different releases", first.place, other.place);
            Some(Pin::new(Named::Unclear(why), "its image"))
        }
        None => pins.into_iter().next(),
    }
}

/// The release that the variable in a pin names, as far as files near its own set it.
pub fn fill(pin: &Pin, file: &str, folders: &NearFolders, store: &dyn Vfs) -> Option<Named> {
    let of_tag = || match &pin.named {
        Named::Moving(tag, _) => variables::variable(tag),
        _ => None,
    };
    let name = pin.variable.as_deref().or_else(of_tag)?;
    let value = variables::value(name, file, &folders.near(store, file))?;
    if value.contains(['/', ':']) {
        Named::of_image(&value, None)
    } else {
        Some(Named::of_tag(&value))
    }
}

/// The releases of the images that a file runs.
fn read_images(file: &NearFile) -> Vec<Pin> {
    if images::kind(file).is_none() {
        return Vec::new();
    }
    let pin = |image: Result<String, String>| match image {
        Ok(image) => pin_of_image(&image, format!("the image in {}", file.name)),
        Err(why) => Some(Pin::new(Named::Unclear(why), format!("the image in {}", file.name))),
    };
    images::images(&file.text).into_iter().filter_map(pin).collect()
}
