//! One of the two states that are compared: a deployment as one release loads it.

use crate::checks::{find_intake, semantics_of};
use crate::config::effective_value::Record;
use crate::deploy::Deployment;
use crate::engine::ingest::IntakeSettings;
use crate::engine::spec::Target;
use crate::machine::Restarts;
use crate::pipeline::{Parsed, Schemas};
use crate::proof::Semantics;
use crate::rehearse::Acceptance;
use crate::rehearse::specs::{find_target, targets};
use crate::verdict::Verdict;

/// A deployment as one release loads it.
pub struct Side<'a> {
    pub schemas: &'a Schemas,
    pub verdict: Verdict,
    /// What a change of its files restarts.
    pub restarts: Restarts,
    /// Whether Refinery refuses the files, so that there is nothing to compare.
    pub is_refused: bool,
    /// `None` without a config file.
    pub config: Option<Record>,
    /// `None` without a rules file.
    rules: Option<Record>,
    pub intake: IntakeSettings,
    pub semantics: Semantics,
}

impl<'a> Side<'a> {
    pub fn new(deployment: &Deployment, parsed: &Parsed<'_>, schemas: &'a Schemas) -> Self {
        let analysis = parsed.analyze(schemas);
        let start = analysis.start;
        let intake = find_intake(&start.config, &schemas.config);
        Self {
            schemas,
            verdict: analysis.verdict,
            restarts: deployment.launch.machine.restarts,
            is_refused: start.acceptance == Acceptance::Refused,
            config: (!deployment.config.is_empty()).then_some(start.config),
            rules: (!deployment.rules.is_empty()).then_some(start.rules),
            intake,
            semantics: semantics_of(&schemas.config),
        }
    }

    pub fn has_rules(&self) -> bool {
        self.rules.is_some()
    }

    /// The names of the targets that the rules list, in file order.
    pub fn targets(&self) -> Vec<&str> {
        let named = self.rules.iter().flat_map(targets);
        named.map(|(name, _)| name).collect()
    }

    /// The sampler of traces for a target, and the name of the target that decides: `__default__`
    /// if the rules do not list it. `None` without a rules file.
    pub fn target(&self, name: &str) -> Option<(String, Target)> {
        let (found, target) = find_target(self.rules.as_ref()?, name);
        Some((found.to_owned(), target))
    }
}
