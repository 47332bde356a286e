//! A container of Refinery of which no file is known: how it runs those that lie beside its description.

use super::compose::find_image;
use super::launch::LaunchSpec;
use super::loader::Loader;
use super::workload::Workload;
use crate::release::Pin;
use crate::sniff::file_name::builds_image;
use crate::vfs::input_error::InputError;
use crate::vfs::path::join;
use crate::vfs::path::split;

/// How a container runs Refinery, and where that is written.
#[derive(Clone, Debug)]
pub struct LoneProcess {
    /// What says so: a file and, after `#`, the place in it.
    pub name: String,
    /// The folder of the file.
    pub folder: String,
    pub launch: LaunchSpec,
}

impl LoneProcess {
    pub fn of(workload: &Workload<'_>) -> Self {
        Self::new(&workload.name, workload.launch())
    }

    /// A container that is run so, as a file says.
    pub fn new(name: &str, launch: LaunchSpec) -> Self {
        let file = name.split('#').next().unwrap_or_default();
        let place = |pin: Pin| Pin { place: format!("{} in {file}", pin.place), ..pin };
        let launch = LaunchSpec { release: launch.release.map(place), ..launch };
        Self { name: name.to_owned(), folder: split(file).0.to_owned(), launch }
    }
}

/// The containers of the images that are built in a folder.
///
/// # Errors
/// A Dockerfile there cannot be read.
pub fn find_images(folder: &str, around: &mut Loader<'_>) -> Result<Vec<LoneProcess>, InputError> {
    let names = around.names(folder).into_iter().filter(|name| builds_image(name));
    let names: Vec<String> = names.map(|name| join(folder, &name)).collect();
    let mut found = Vec::new();
    for name in names {
        let is_near = around.peek(&name).ok().flatten().is_some_and(|it| it.contains("refinery"));
        if is_near && !around.is_folder(&name) {
            found.extend(find_image(&name, around)?);
        }
    }
    Ok(found)
}
