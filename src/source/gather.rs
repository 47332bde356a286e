//! A request → everything that it names, read and put together.
//!
//! Must not know how files are walked, recognised or paired: it only asks.

use super::assembly::Assembly;
use super::input_error::InputError;
use super::items::{Found, discover};
use super::locations::Locations;
use super::path::name_of;
use super::repository::{Version, open};
use super::shelf::Shelf;
use super::snapshot::Snapshot;
use super::store::{Disk, Store};
use super::trees::Trees;
use super::walk::nothing_found;
use super::{Request, Sources};
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
    let looked_at = found.looked_at;
    let sources = plan.read(store, found)?;
    if sources.deployments.is_empty() {
        let places: Vec<String> = plan.paths.iter().map(|path| name_of(path)).collect();
        return Err(nothing_found(&places, looked_at, &sources.notices));
    }
    Ok(sources)
}

/// What a request comes to.
pub struct Plan {
    /// What is named by location, deployment by deployment.
    locations: Vec<Locations>,
    /// What to visit.
    pub paths: Vec<PathBuf>,
}

impl Plan {
    /// As named, else standard input if it has a name, else all there is.
    pub fn of(request: &Request) -> Self {
        let flags = Locations::of(request);
        let flags = Some(flags).filter(|flags| !flags.is_empty());
        let locations: Vec<_> = flags.into_iter().chain(request.agreed.clone()).collect();
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
        for locations in &self.locations {
            sources.notices.push(locations.describe());
            sources.deployments.push(locations.load(store, &mut texts)?);
        }
        sources.notices.extend(found.notices);
        let mut assembly = Assembly::new(texts);
        for item in found.items {
            assembly.add(store, item)?;
        }
        assembly.finish(&mut sources);
        Ok(sources)
    }
}
