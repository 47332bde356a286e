//! One deployment: the files that a process is started with, and how it is run.

use super::launch::LaunchSpec;
use crate::diagnostic::Finding;
use crate::span::FileId;
use crate::syntax::DataFormat;
use std::sync::Arc;

/// The files that one process is started with, in the order in which it reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// Empty where only the other half was found.
    pub config: Vec<Source>,
    pub rules: Vec<Source>,
    /// On locations, encodings and generations: what can be said before parsing.
    pub findings: Vec<Finding>,
    /// What is known of how it is run.
    pub given: LaunchSpec,
    /// The settings name it.
    pub is_agreed: bool,
    /// The notices of each file that describes it as a whole.
    pub told: Vec<Arc<[String]>>,
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
