//! Finds what a run checks: paths → deployments.
//!
//! Walks folders, opens container files, pairs plain files, and records what happened to every
//! file. Must not model Kubernetes (`deploy` does) nor check what it finds.

mod assembly;
pub mod binding;
mod candidate;
pub mod changed;
mod class_cache;
pub mod commits;
mod counterpart;
mod described;
mod differences;
pub mod gather;
mod items;
pub mod ledger;
pub mod locations;
mod lost;
mod lost_folders;
mod lost_maps;
pub mod machine_launch;
mod mention;
mod origin;
mod pair;
mod path_filter;
mod pinned;
mod recall;
mod references;
mod relevance;
pub mod rule_tests;
mod scope;
mod unchecked;
mod vendored;

use crate::deploy::Deployment;
use crate::deploy::map_use::MapUse;
use crate::diagnostic::Finding;
use crate::git::repository::Version;
use crate::notice::Notice;
use crate::schema::Kind;
use crate::settings::SettingsArgs;
use crate::source_name::SourceName;
use crate::span::Files;
use binding::{EffectiveSettings, SettingsChange};
use ledger::Ledger;
use locations::Locations;
use machine_launch::MachineLaunch;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// What a run should check.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Files, folders, and `-` for standard input; without any, the folder `.`.
    pub paths: Vec<PathBuf>,
    /// Locations from Refinery's own flags, in order.
    pub config: Vec<String>,
    pub rules: Vec<String>,
    /// Which settings to use, if any.
    pub settings: Option<SettingsArgs>,
    /// The name of standard input; with a name and no paths, only standard input is checked.
    pub stdin_filename: Option<String>,
    /// Which state of the files is checked.
    pub version: Version,
    /// The variables of this process, with `--live-env`.
    pub live: Option<BTreeMap<String, String>>,
    /// Whether to run the tests of rules.
    pub runs_tests: bool,
}

/// Everything that was read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub files: Files,
    /// Sorted by name, after those named by flags.
    pub deployments: Vec<Deployment>,
    /// Findings about what cannot be checked, outside of any deployment.
    pub unchecked: Vec<Finding>,
    /// Launches with files of machines.
    pub launches: Vec<MachineLaunch>,
    /// All other files.
    pub ledger: Ledger,
    /// What containers, services and scripts are given to start with: which of them, and the half.
    pub supplied: BTreeSet<(SourceName, Kind)>,
    /// The maps that pods need.
    pub maps: Vec<MapUse>,
    /// One line each, such as which files were paired.
    pub notices: Vec<Notice>,
    /// The settings of each deployment, in order; empty without settings.
    pub effective_settings: Vec<Arc<EffectiveSettings>>,
    /// Settings files that the checked change modified.
    pub settings_changes: Vec<SettingsChange>,
}

impl Request {
    /// All paths of the file system that are named.
    fn paths_named(&self) -> Vec<PathBuf> {
        let paths = self.paths.iter().filter(|path| path.as_os_str() != "-").cloned();
        paths.chain(Locations::of(self).paths()).collect()
    }
}

impl Sources {
    /// Whether there is nothing to check or report.
    pub fn are_idle(&self) -> bool {
        self.deployments.is_empty()
            && self.launches.is_empty()
            && self.unchecked.is_empty()
            && self.notices.is_empty()
            && self.settings_changes.is_empty()
    }
}
