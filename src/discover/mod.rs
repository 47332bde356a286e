//! What a run is about: paths that people give → the deployments there.
//!
//! Walks folders, opens what holds deployments, pairs loose files, and says of every file that it saw
//! what became of it. Must not model Kubernetes (`deploy` does) nor judge what it finds.

mod around;
mod assembly;
pub mod binding;
mod candidate;
pub mod changed;
pub mod commits;
pub mod gather;
mod items;
mod known;
mod label;
pub mod ledger;
pub mod locations;
mod pair;
mod recall;
mod references;
mod unchecked;
mod whole;

use crate::deploy::Deployment;
use crate::diagnostic::Finding;
use crate::git::repository::Version;
use crate::settings::SettingsArgs;
use crate::span::Files;
use binding::{InForce, SettingsChange};
use ledger::Ledger;
use locations::Locations;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// What a run is to look at.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Files, folders, and `-` for standard input; where nothing is named at all, the folder `.`.
    pub paths: Vec<PathBuf>,
    /// Locations in the words of the engine's own flags, in order.
    pub config: Vec<String>,
    pub rules: Vec<String>,
    /// Which settings count, where any do.
    pub settings: Option<SettingsArgs>,
    /// What standard input is called; with a name and no path it is the one thing looked at.
    pub stdin_filename: Option<String>,
    /// Which state of the files is looked at.
    pub version: Version,
    /// The variables of the process, where its environment is to count.
    pub live: Option<BTreeMap<String, String>>,
}

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub files: Files,
    /// Sorted by name; what flags name comes first.
    pub deployments: Vec<Deployment>,
    /// Findings about what is Refinery's and cannot be checked, of no deployment.
    pub unchecked: Vec<Finding>,
    /// What became of all other files.
    pub ledger: Ledger,
    /// One line each: what was paired with what, what could not be respected.
    pub notices: Vec<String>,
    /// The settings of each deployment, in their order; none where no settings count.
    pub in_force: Vec<Arc<InForce>>,
    /// Settings files that are not what they were before the change that is checked.
    pub settings_changes: Vec<SettingsChange>,
    /// Files that are named almost like settings.
    pub misnamed_settings: Vec<PathBuf>,
}

impl Request {
    /// All that is named as a path of the file system.
    fn paths_named(&self) -> Vec<PathBuf> {
        let paths = self.paths.iter().filter(|path| path.as_os_str() != "-").cloned();
        paths.chain(Locations::of(self).paths()).collect()
    }
}

impl Sources {
    /// There is nothing to check and nothing to say.
    pub fn are_idle(&self) -> bool {
        self.deployments.is_empty()
            && self.unchecked.is_empty()
            && self.notices.is_empty()
            && self.settings_changes.is_empty()
    }
}
