//! Prepared samplers, built from the spec of a target.
//!
//! The process stores their counts, which samplers may share.

use super::decision::Keep;
use super::rules::{MismatchReason, Outcome, Rule, Rules};
use super::single::Single;
use super::trace::Trace;

/// The sampler of a target.
#[derive(Clone, Debug)]
pub enum Sampler {
    Single(Single),
    Rules(Rules),
}

/// What is known about a trace before a process counts it.
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
        self.prepare_by(trace, self.first_match(trace, 0))
    }

    /// The same, if the first rule that matches was this one.
    pub fn prepare_by(&self, trace: &Trace, rule: Option<usize>) -> Prepared {
        let fixed =
            |fixed| Prepared { rule: None, fixed: Some(fixed), key: String::new(), descendants: 0 };
        let prepared = match (self, rule.and_then(|number| self.rule(number))) {
            (Self::Single(single), _) => return Prepared::of(single, trace),
            (_, None) => return fixed((1, Keep::Yes)),
            (_, Some(Rule { outcome: Outcome::Rate { rate, keep }, .. })) => fixed((*rate, *keep)),
            (_, Some(Rule { outcome: Outcome::Sampler(single), .. })) => {
                Prepared::of(single, trace)
            }
        };
        Prepared { rule, ..prepared }
    }

    fn rule(&self, number: usize) -> Option<&Rule> {
        match self {
            Self::Single(_) => None,
            Self::Rules(rules) => rules.rules.get(number),
        }
    }

    /// The number of the first rule from this one on that matches.
    pub fn first_match(&self, trace: &Trace, from: usize) -> Option<usize> {
        match self {
            Self::Single(_) => None,
            Self::Rules(rules) => rules.first_match(trace, from),
        }
    }

    /// The conditions of a rule that does not match, without any of which it would.
    pub fn near_misses(&self, trace: &Trace, number: usize) -> Vec<usize> {
        match self {
            Self::Single(_) => Vec::new(),
            Self::Rules(Rules { rules, nested }) => {
                rules.get(number).map_or_else(Vec::new, |rule| rule.near_misses(trace, *nested))
            }
        }
    }

    /// For each rule before the matching one, why it does not match.
    pub fn mismatches(&self, trace: &Trace) -> Vec<MismatchReason> {
        match self {
            Self::Single(_) => Vec::new(),
            Self::Rules(rules) => rules.mismatches(trace),
        }
    }
}
