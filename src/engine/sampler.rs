//! Prepared samplers, built from the spec of a target.
//!
//! The process stores their counts, which samplers may share.

use super::deterministic::Deterministic;
use super::key::TraceKey;
use super::rules::{MismatchReason, Rules};
use super::trace::Trace;

/// The sampler of a target.
#[derive(Clone, Debug)]
pub enum Sampler {
    Single(Single),
    Rules(Rules),
}

impl Sampler {
    /// For each rule before the matching one, why it does not match.
    pub fn mismatches(&self, trace: &Trace) -> Vec<MismatchReason> {
        match self {
            Self::Single(_) => Vec::new(),
            Self::Rules(rules) => rules.mismatches(trace),
        }
    }
}

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
