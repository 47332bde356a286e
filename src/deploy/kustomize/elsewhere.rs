//! Maps that pods mention and that another Kustomization of Flux applies, from any folder.

use super::build::Builder;
use super::kustomization::{Kustomization, names_in};
use crate::deploy::flux::applied_folders;
use crate::deploy::kubernetes::objects::Objects;
use crate::deploy::kubernetes::wanted::{Wanted, missing};
use crate::deploy::loader::Loader;
use crate::deploy::named_map::{has_map, has_map_nearby};
use crate::vfs::input_error::InputError;
use crate::vfs::path::split;
use std::collections::BTreeSet;

/// Adds the missing maps of the pods of a folder; returns the kustomizations that they are from.
///
/// # Errors
/// A file cannot be read.
pub fn add_maps(
    folder: &str,
    objects: &mut Objects,
    loader: &mut Loader<'_>,
) -> Result<Vec<String>, InputError> {
    let mut used = Vec::new();
    let wanted: BTreeSet<Wanted> =
        objects.pods.iter().flat_map(|pods| missing(pods, objects)).collect();
    if wanted.is_empty() {
        return Ok(used);
    }
    for other in applied_folders(folder, loader).into_iter().filter(|other| other != folder) {
        let name = names_in(&other).find(|name| matches!(loader.peek(name), Ok(Some(_))));
        let Some(name) = name else { continue };
        let Some((file, text)) = loader.text_in_sight(&name)? else { continue };
        let Ok(here) = Kustomization::parse(&name, file, text) else { continue };
        let mut built = Objects::default();
        Builder::new(loader).build(&here, &mut built)?;
        let is_wanted = |map: &_| wanted.iter().any(|wanted| wanted.is(map));
        let found = built.maps.into_iter().filter(|map| !map.is_hashed && is_wanted(map));
        let known = objects.maps.len();
        objects.maps.extend(found);
        if objects.maps.len() > known {
            used.push(name);
        }
    }
    Ok(used)
}

/// Whether there is a map of this name, with this key, near a file or in a folder that Flux applies.
pub fn has_map_in_sight(map: (&str, Option<&str>), from: &str, loader: &Loader<'_>) -> bool {
    let applied = || applied_folders(split(from).0, loader).into_iter();
    has_map_nearby(map, from, loader) || applied().any(|folder| has_map(&folder, map, loader))
}
