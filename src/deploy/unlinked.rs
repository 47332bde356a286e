//! Containers that run Refinery with unknown files: how they launch the files in their folder.

use super::compose::find_image;
use super::launch::LaunchSpec;
use super::loader::Loader;
use super::workload::Workload;
use crate::release::Pin;
use crate::sniff::file_name::builds_image;
use crate::vfs::input_error::InputError;
use crate::vfs::path::join;
use crate::vfs::path::split;

/// How a container launches Refinery, and where that is written.
#[derive(Clone, Debug)]
pub struct UnlinkedContainer {
    /// The folder of that file.
    pub folder: String,
    pub launch: LaunchSpec,
}

impl UnlinkedContainer {
    pub fn of(workload: &Workload<'_>) -> Self {
        Self::new(&workload.name, workload.launch())
    }

    /// A container described by a file.
    pub fn new(name: &str, launch: LaunchSpec) -> Self {
        let file = name.split('#').next().unwrap_or_default();
        let place = |pin: Pin| Pin { place: format!("{} in {file}", pin.place), ..pin };
        let launch = LaunchSpec { release: launch.release.map(place), ..launch };
        Self { folder: split(file).0.to_owned(), launch }
    }
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
