//! A deployment: the files that a process is started with, and how it is launched.

use super::launch::LaunchSpec;
use super::loaded::LoadedFile;
use super::test_source::TestSource;
use crate::diagnostic::Finding;
use crate::source_name::SourceName;
use crate::span::{FileId, Files};
use crate::syntax::DataFormat;
use std::sync::Arc;

/// A process: its files, in the order in which it reads them, and how it is launched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// Empty if only rules were found.
    pub config: Vec<Source>,
    pub rules: Vec<Source>,
    /// Findings before parsing: about locations, encodings and files for 1.x.
    pub findings: Vec<Finding>,
    /// How it is launched, as far as that is known.
    pub launch: LaunchSpec,
    /// Whether the settings list it.
    pub is_listed: bool,
    /// The notices of each file that describes it.
    pub reported: Vec<Arc<[String]>>,
    /// Tests of its rules, if they are to be run.
    pub tests: Vec<TestSource>,
}

impl Deployment {
    /// A deployment of loaded files.
    pub fn of(config: &[LoadedFile], rules: &[LoadedFile], mut findings: Vec<Finding>) -> Self {
        findings.extend(config.iter().chain(rules).flat_map(|loaded| loaded.findings.clone()));
        let sources = |half: &[LoadedFile]| half.iter().map(|loaded| loaded.source).collect();
        let launch = LaunchSpec::default();
        Self { config: sources(config), rules: sources(rules), findings, launch, ..Self::default() }
    }

    /// The configs, then the rules.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.config.iter().chain(&self.rules).map(|source| source.file)
    }

    /// The names of the configs, then of the rules.
    pub fn names(&self, files: &Files) -> Vec<SourceName> {
        self.files().map(|id| files.get(id).name.clone()).collect()
    }
}

/// One file of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub file: FileId,
    /// `None` if Refinery does not read this extension; a finding reports that.
    pub format: Option<DataFormat>,
}
