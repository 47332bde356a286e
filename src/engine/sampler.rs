//! Samplers, ready to decide: what a target's spec has become.
//!
//! Holds no counts: those are the process's, which may share them among samplers.

use super::deterministic::Deterministic;
use super::key::TraceKey;
use super::rules::{Rules, Unmet};
use super::trace::Trace;

/// A target's sampler.
#[derive(Clone, Debug)]
pub enum Sampler {
    Single(Single),
    Rules(Rules),
}

impl Sampler {
    /// For each rule before the one that decides, why it does not.
    pub fn unmet(&self, trace: &Trace) -> Vec<Unmet> {
        match self {
            Self::Single(_) => Vec::new(),
            Self::Rules(rules) => rules.unmet(trace),
        }
    }
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
