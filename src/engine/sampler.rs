//! Prepared samplers, built from the spec of a target.
//!
//! The process stores their counts, which samplers may share.

use super::rules::{MismatchReason, Rules};
use super::single::Single;
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
