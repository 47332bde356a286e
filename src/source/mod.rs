//! Where bytes come from: named files, walked folders, standard input, what git has staged or in a
//! revision, environment files.
//!
//! The one room, with `rehearse/world`, that touches files or the process's environment; nothing
//! touches the network. Must not judge what it reads: it recognises which files are Refinery's, turns
//! their bytes into text, opens containers and says which files belong together.

mod assembly;
mod changed;
mod circumstances;
mod commits;
mod container;
pub mod environment;
mod gather;
mod hook_file;
mod ignored;
mod input_error;
mod items;
mod label;
mod legacy;
mod location;
mod locations;
mod moment;
mod names;
mod outline;
mod pair;
mod path;
mod reach;
mod read;
mod recognise;
mod repository;
mod settings;
mod shelf;
mod snapshot;
mod sort;
mod staged;
mod store;
mod surroundings;
mod text;
mod trees;
mod walk;
mod whole;
mod write;

pub use changed::{Changed, gather_changed, is_anything_staged};
pub use circumstances::{Circumstances, NamedRelease};
pub use commits::{Commit, Line, now, today, walk_line};
pub use gather::gather;
pub use hook_file::HookFile;
pub use input_error::{InputError, InputProblem};
pub use locations::Locations;
pub use moment::{Moment, span};
pub use read::{read_text, read_text_or_stdin};
pub use recognise::{Generation, Recognised, recognise};
pub use repository::{Since, Version, place_in_repository, way_up};
pub use settings::{InForce, Names, Settings, Wanted};
pub use write::{replace_file, write_file};

use crate::diagnostic::Finding;
use crate::span::{FileId, Files};
use crate::syntax::DataFormat;
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
    /// Where settings count; with a deployment of theirs and no path nothing is searched for.
    pub settings: Option<Wanted>,
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
    /// One line each: what was paired with what, what could not be respected.
    pub notices: Vec<String>,
    /// What a team has agreed to.
    pub settings: Option<InForce>,
}

/// The files that one process is started with, in the order in which it reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// Empty where only the other half was found.
    pub config: Vec<Source>,
    pub rules: Vec<Source>,
    /// On locations, encodings and generations: what can be said before parsing.
    pub findings: Vec<Finding>,
    /// What is known of how it is run.
    pub given: Circumstances,
    /// The settings name it.
    pub is_agreed: bool,
    /// The notices of each file that describes it as a whole.
    pub told: Vec<Arc<[String]>>,
}

impl Sources {
    /// There is nothing to judge and nothing to say.
    pub fn are_idle(&self) -> bool {
        self.deployments.is_empty() && self.notices.is_empty()
    }
}

impl Deployment {
    /// The configs, then the rules.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.config.iter().chain(&self.rules).map(|source| source.file)
    }
}

/// One file of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub file: FileId,
    /// None where the engine knows no such extension; a finding says so.
    pub format: Option<DataFormat>,
}
