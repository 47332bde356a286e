//! A request → everything that it names, read and put together.
//!
//! Must not know how files are walked, recognised or paired: it only asks.

use super::input_error::InputError;
use super::items::{Content, Found, Item, discover};
use super::locations::Locations;
use super::pair::{Pair, describe, pair};
use super::path::name_of;
use super::repository::{Version, open};
use super::shelf::{Shelf, Shelved};
use super::snapshot::Snapshot;
use super::store::{Disk, Store};
use super::trees::Trees;
use super::walk::nothing_found;
use super::{Deployment, Request, Sources};
use crate::diagnostic::Finding;
use std::io::Read;
use std::path::PathBuf;

/// Reads everything that a request names.
///
/// # Errors
/// Something named cannot be read, or there is nothing to judge.
pub fn gather(request: &Request, stdin: &mut dyn Read) -> Result<Sources, InputError> {
    if request.version == Version::WorkTree {
        return gather_from(&Disk, request, stdin);
    }
    let repository = open()?;
    let mut trees = Trees::new(&repository);
    let root = trees.root(&request.version)?;
    let name = request.version.name();
    gather_from(&Snapshot::new(&repository, &trees, root, &name), request, stdin)
}

fn gather_from(
    store: &dyn Store,
    request: &Request,
    stdin: &mut dyn Read,
) -> Result<Sources, InputError> {
    let plan = Plan::of(request);
    let found = discover(store, request, &plan.paths, stdin)?;
    if found.items.is_empty() && !plan.paths.is_empty() {
        let places: Vec<String> = plan.paths.iter().map(|path| name_of(path)).collect();
        return Err(nothing_found(&places, found.looked_at));
    }
    plan.read(store, found)
}

/// What a request comes to.
pub struct Plan {
    locations: Locations,
    /// What to visit.
    pub paths: Vec<PathBuf>,
}

impl Plan {
    /// As named, else standard input if it has a name, else all there is.
    pub fn of(request: &Request) -> Self {
        let locations = Locations::of(request);
        let default = match &request.stdin_filename {
            Some(_) => Some("-"),
            None if !locations.is_empty() => None,
            None => Some("."),
        };
        let paths = match default {
            Some(path) if request.paths.is_empty() => vec![PathBuf::from(path)],
            _ => request.paths.clone(),
        };
        Self { locations, paths }
    }

    /// All that is named are folders to search, at the most.
    pub fn names_no_file(&self, store: &dyn Store) -> bool {
        self.locations.is_empty() && self.paths.iter().all(|path| store.is_folder(path))
    }

    /// Reads what is named by location and what was found, and puts it together.
    ///
    /// # Errors
    /// Something cannot be read.
    pub fn read(&self, store: &dyn Store, found: Found) -> Result<Sources, InputError> {
        let mut texts = Shelf::default();
        let mut sources = Sources::default();
        if !self.locations.is_empty() {
            sources.notices.push(self.locations.describe());
            sources.deployments.push(self.locations.load(store, &mut texts)?);
        }
        sources.notices.extend(found.notices);
        add_items(store, found.items, &mut texts, &mut sources)?;
        sources.files = texts.files;
        Ok(sources)
    }
}

fn add_items(
    store: &dyn Store,
    items: Vec<Item>,
    shelf: &mut Shelf,
    sources: &mut Sources,
) -> Result<(), InputError> {
    let mut members = Vec::new();
    let mut shelved = Vec::new();
    for item in items {
        let bytes = match item.content {
            Content::Bytes(bytes) => bytes,
            Content::At(path) => store.read(&path, &item.member.name)?,
        };
        shelved.push(shelf.put(&item.member.name, item.format, bytes)?);
        members.push(item.member);
    }
    for found in pair(&members) {
        sources.notices.push(describe(found, &members));
        sources.deployments.push(assemble(found, &shelved));
    }
    Ok(())
}

fn assemble(pair: Pair, shelved: &[Shelved]) -> Deployment {
    let half = |index: Option<usize>| {
        index.and_then(|index| shelved.get(index)).map(std::slice::from_ref).unwrap_or_default()
    };
    Deployment::of(half(pair.config), half(pair.rules), Vec::new())
}

impl Deployment {
    /// Files from the shelf, with what was found of them.
    pub(super) fn of(config: &[Shelved], rules: &[Shelved], mut findings: Vec<Finding>) -> Self {
        findings.extend(config.iter().chain(rules).flat_map(|shelved| shelved.findings.clone()));
        let sources = |half: &[Shelved]| half.iter().map(|shelved| shelved.source).collect();
        Self { config: sources(config), rules: sources(rules), findings }
    }
}
