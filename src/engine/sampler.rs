//! Prepared samplers, built from the spec of a target.
//!
//! The process stores their counts, which samplers may share.

use super::decision::Keep;
use super::rules::{MismatchReason, Outcome, Rules};
use super::single::Single;
use super::trace::Trace;

/// The sampler of a target.
#[derive(Clone, Debug)]
pub enum Sampler {
    Single(Single),
    Rules(Rules),
}

/// What is known of a trace before a process counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The matching rule, counted from 0.
    pub rule: Option<usize>,
    /// The rate of a sampler that does not count.
    pub fixed: Option<(u64, Keep)>,
    /// The key of one that does.
    pub key: String,
    pub descendants: i64,
}

impl Prepared {
    fn of(single: &Single, trace: &Trace) -> Self {
        let (fixed, key) = match single {
            Single::Deterministic(sampler) => (Some(sampler.decide(&trace.id)), String::new()),
            Single::Dynamic { key, .. } => (None, key.build(trace)),
        };
        Self { rule: None, fixed, key, descendants: trace.descendants() }
    }
}

impl Sampler {
    /// Everything of a decision that does not depend on earlier traces.
    pub fn prepare(&self, trace: &Trace) -> Prepared {
        let rules = match self {
            Self::Single(single) => return Prepared::of(single, trace),
            Self::Rules(rules) => rules,
        };
        let fixed =
            |fixed| Prepared { rule: None, fixed: Some(fixed), key: String::new(), descendants: 0 };
        let Some((number, rule)) = rules.first_match(trace) else {
            return fixed((1, Keep::Yes));
        };
        let prepared = match &rule.outcome {
            Outcome::Rate { rate, keep } => fixed((*rate, *keep)),
            Outcome::Sampler(single) => Prepared::of(single, trace),
        };
        Prepared { rule: Some(number), ..prepared }
    }

    /// For each rule before the matching one, why it does not match.
    pub fn mismatches(&self, trace: &Trace) -> Vec<MismatchReason> {
        match self {
            Self::Single(_) => Vec::new(),
            Self::Rules(rules) => rules.mismatches(trace),
        }
    }
}
