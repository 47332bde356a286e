//! Samplers, ready to decide: what a target's spec has become.
//!
//! Holds no counts: those are the process's, which may share them among samplers.

use super::deterministic::Deterministic;
use super::key::TraceKey;
use super::rules::Rules;

/// A target's sampler.
#[derive(Clone, Debug)]
pub enum Sampler {
    Single(Single),
    Rules(Rules),
}

/// A sampler that may also stand in a rule.
#[derive(Clone, Debug)]
pub enum Single {
    Deterministic(Deterministic),
    Dynamic {
        key: TraceKey,
        /// Which of the process's dynamic samplers counts.
        counter: usize,
        reason: &'static str,
    },
}

impl Single {
    /// In the engine's words.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Deterministic(sampler) => sampler.reason(),
            Self::Dynamic { reason, .. } => reason,
        }
    }
}
