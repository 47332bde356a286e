//! A sampler that is not a list of rules.

use super::deterministic::Deterministic;
use super::key::TraceKey;

/// A sampler that can also be used in a rule.
#[derive(Clone, Debug)]
pub enum Single {
    Deterministic(Deterministic),
    Dynamic {
        key: TraceKey,
        /// The index of the process's dynamic sampler.
        counter: usize,
        reason: &'static str,
    },
}

impl Single {
    /// In Refinery's words.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Deterministic(sampler) => sampler.reason(),
            Self::Dynamic { reason, .. } => reason,
        }
    }
}
