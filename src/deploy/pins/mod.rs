//! Releases pinned in other files than the deployment: helmfiles, Argo CD and Flux objects,
//! Terraform, Dockerfiles, `fly.toml`, scripts, workflows and units.
//!
//! A file counts for a deployment if it names its files. Only reads releases; must not open
//! deployments.

mod charts;
mod images;
mod terraform;

use super::near::{NearFile, NearFolders};
use super::workload::pin_of_image;
use crate::release::{Named, Pin};
use crate::vfs::Vfs;
use std::cell::OnceCell;

/// A chart that a file installs with values from other files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartPin {
    /// The file that installs it.
    pub file: String,
    /// A version or a range, as written.
    pub version: Option<String>,
    /// The tag of the image, if it is set in the file.
    pub tag: Option<String>,
    /// The values files that it names.
    values: Vec<String>,
    /// The `ConfigMap`s that it takes values from.
    maps: Vec<String>,
}

/// Finds the chart that nearby files install with this values file.
///
/// # Errors
/// Several files install different versions.
pub fn find_chart(
    folders: &NearFolders,
    store: &dyn Vfs,
    values: &str,
) -> Result<Option<ChartPin>, String> {
    let near = folders.near(store, values);
    let maps = OnceCell::new();
    let maps = || maps.get_or_init(|| charts::maps_of(&near, values));
    let all = near.iter().flat_map(|file| match file.extension() {
        "tf" | "hcl" => terraform::read(file),
        "yaml" | "yml" | "gotmpl" => charts::read(file, &near),
        _ => Vec::new(),
    });
    let is_about = |pin: &ChartPin| {
        let file = near.iter().find(|file| file.name == pin.file);
        pin.file == values
            || file.is_some_and(|file| pin.values.iter().any(|word| file.means(word, values)))
            || pin.maps.iter().any(|map| maps().contains(map))
    };
    let says_something = |pin: &ChartPin| pin.version.is_some() || pin.tag.is_some();
    let mut found: Vec<ChartPin> = all.filter(is_about).filter(says_something).collect();
    let Some(first) = found.first() else { return Ok(None) };
    let other = found.iter().find(|pin| (&pin.version, &pin.tag) != (&first.version, &first.tag));
    match other {
        Some(other) => Err(format!("{} and {} name different versions", first.file, other.file)),
        None => Ok(Some(found.swap_remove(0))),
    }
}

/// Finds the release of the image that nearby files run with one of these files.
pub fn find_image(folders: &NearFolders, store: &dyn Vfs, files: &[&str]) -> Option<Pin> {
    let first = files.first()?;
    let mut pins: Vec<Pin> = Vec::new();
    for file in folders.near(store, first) {
        let Some(kind) = images::kind(&file) else { continue };
        // Most files run no image of Refinery, and their words are many.
        let images = file.images(read_images);
        let may_count = !images.is_empty() && !files.contains(&file.name.as_str());
        if may_count && images::runs_with(&file, kind, files) {
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

fn read_images(file: &NearFile) -> Vec<Pin> {
    let pin = |image: Result<String, String>| match image {
        Ok(image) => pin_of_image(&image, format!("the image in {}", file.name)),
        Err(why) => Some(Pin::new(Named::Unclear(why), format!("the image in {}", file.name))),
    };
    images::images(&file.text).into_iter().filter_map(pin).collect()
}
