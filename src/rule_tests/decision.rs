//! What Refinery does with a trace, in terms that do not depend on its ID.

use crate::engine::Keep;
use crate::engine::spec::{RuleSamplerSpec, RuleSpec, RulesSpec, SamplerSpec, Target};
use crate::proof::Outcome;
use crate::traces::Decided;
use std::fmt;

/// How many of such traces are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Always,
    Never,
    OneIn(u64),
}

impl Fate {
    /// The fate of traces that are decided like this one. A deterministic sampler decides by the
    /// trace ID, so its rate tells what happens to others.
    pub fn of(decided: &Decided, target: &Target) -> Self {
        if is_deterministic(decided, target) {
            return Self::one_in(decided.rate);
        }
        match decided.keep {
            Keep::Yes => Self::Always,
            Keep::No => Self::Never,
            Keep::Chance => Self::one_in(decided.rate),
        }
    }

    /// The fate of all traces with an outcome; `None` if a dynamic sampler decides.
    pub fn of_outcome(outcome: Outcome<'_>) -> Option<Self> {
        match outcome {
            Outcome::Dropped => Some(Self::Never),
            Outcome::Rate(rate) => Some(Self::one_in(u64::try_from(rate).ok()?)),
            Outcome::Sampler(sampler) => match sampler.sampler.as_ref()? {
                SamplerSpec::Deterministic { sample_rate } => {
                    u32::try_from(*sample_rate).ok().map(|rate| Self::one_in(rate.into()))
                }
                _ => None,
            },
        }
    }

    fn one_in(rate: u64) -> Self {
        if rate <= 1 { Self::Always } else { Self::OneIn(rate) }
    }
}

/// `always kept`, `dropped` or `kept 1 in 50`.
impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("always kept"),
            Self::Never => f.write_str("dropped"),
            Self::OneIn(rate) => write!(f, "kept 1 in {rate}"),
        }
    }
}

/// The share of a trace that is kept, from 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a rate")]
pub fn share(decided: &Decided) -> f64 {
    match decided.keep {
        Keep::Yes => 1.0,
        Keep::No => 0.0,
        Keep::Chance => 1.0 / decided.rate.max(1) as f64,
    }
}

/// The rules of a target: one without rules decides all traces by its sampler.
pub fn rules_of(target: &Target) -> Option<RulesSpec> {
    match target {
        Target::Rules(rules) => Some(rules.clone()),
        Target::Single(sampler) => {
            let sampler =
                RuleSamplerSpec { sampler: Some(sampler.clone()), sampling_fields: Vec::new() };
            let rule = RuleSpec { sampler: Some(sampler), ..RuleSpec::default() };
            Some(RulesSpec { rules: vec![Some(rule)], check_nested_fields: false })
        }
        Target::Null | Target::Empty => None,
    }
}

fn is_deterministic(decided: &Decided, target: &Target) -> bool {
    let sampler = match target {
        Target::Single(sampler) => Some(sampler),
        Target::Rules(rules) => {
            let rule = decided.rule.and_then(|number| rules.rules.get(number)?.as_ref());
            rule.and_then(|rule| rule.sampler.as_ref()?.sampler.as_ref())
        }
        Target::Null | Target::Empty => None,
    };
    // Of other rates, its bound is not a share.
    matches!(sampler, Some(SamplerSpec::Deterministic { sample_rate }) if u32::try_from(*sample_rate).is_ok())
}
