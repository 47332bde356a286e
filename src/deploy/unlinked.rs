//! Containers that run Refinery with unknown files: how they launch the files in their folder.

use super::launch::LaunchSpec;
use super::workload::Workload;
use crate::release::Pin;
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
        Self::new(workload.name.file(), workload.launch())
    }

    /// A container described by this file.
    pub fn new(file: &str, launch: LaunchSpec) -> Self {
        let place = |pin: Pin| Pin { place: format!("{} in {file}", pin.place), ..pin };
        let launch = LaunchSpec { release: launch.release.map(place), ..launch };
        Self { folder: split(file).0.to_owned(), launch }
    }
}
