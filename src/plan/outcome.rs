//! What a rule or sampler does with its traces, in a form that people compare.

use crate::engine::spec::{
    RuleSamplerSpec, RuleSpec, RulesSpec, SamplerSpec, Target, ThroughputSpec,
};
use std::fmt;

/// What happens to the traces of a rule or target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Dropped,
    Kept,
    /// One in this many, at random.
    OneIn(u64),
    /// One in this many, by the trace ID.
    ByTraceId(i64),
    /// A dynamic sampler: its type, its goal and the fields of its key.
    Dynamic {
        sampler: &'static str,
        goal: String,
        key: Vec<String>,
    },
    /// Refinery exits on the first trace.
    Crash(String),
}

impl Outcome {
    /// The outcome of a rule.
    pub fn of_rule(rule: &RuleSpec) -> Self {
        match rule.sampler.as_ref().map(|sampler| &sampler.sampler) {
            Some(Some(sampler)) => Self::of_sampler(sampler),
            Some(None) => Self::Crash("the rule's sampler is empty".to_owned()),
            None if rule.drop || rule.sample_rate <= 0 => Self::Dropped,
            None => match rule.sample_rate.cast_unsigned() {
                1 => Self::Kept,
                rate => Self::OneIn(rate),
            },
        }
    }

    pub fn of_sampler(sampler: &SamplerSpec) -> Self {
        let goal = match sampler {
            SamplerSpec::Deterministic { sample_rate: 1 } => return Self::Kept,
            SamplerSpec::Deterministic { sample_rate } => return Self::ByTraceId(*sample_rate),
            SamplerSpec::Dynamic(spec) => format!("1 in {}", spec.sample_rate),
            SamplerSpec::EmaDynamic(spec) => format!("1 in {}", spec.goal_sample_rate),
            SamplerSpec::EmaThroughput(spec) => throughput(spec.throughput),
            SamplerSpec::WindowedThroughput(spec) => throughput(spec.throughput),
            SamplerSpec::TotalThroughput(spec) => throughput(spec.throughput),
        };
        let key = sampler.sampling_fields().to_vec();
        Self::Dynamic { sampler: sampler.name(), goal, key }
    }

    /// The outcome of all traces of a target, or of those that the rule of this number decides.
    pub fn of_target(target: &Target, rule: Option<usize>) -> Self {
        match (target, rule) {
            (Target::Null, _) => Self::Crash("the target is null".to_owned()),
            (Target::Empty, _) => Self::Crash("the target has no sampler".to_owned()),
            (Target::Single(sampler), _) => Self::of_sampler(sampler),
            (Target::Rules(_), None) => Self::Kept,
            (Target::Rules(rules), Some(number)) => match rules.rules.get(number) {
                Some(Some(rule)) => Self::of_rule(rule),
                _ => Self::Crash("the rule is null".to_owned()),
            },
        }
    }

    /// A word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Kept => "kept",
            Self::OneIn(_) | Self::ByTraceId(_) => "sampled",
            Self::Dynamic { .. } => "dynamic",
            Self::Crash(_) => "crash",
        }
    }
}

fn throughput(spec: ThroughputSpec) -> String {
    let of = if spec.use_cluster_size { " of the cluster" } else { "" };
    format!("{} events per second{of}", spec.goal_per_second)
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped => f.write_str("dropped"),
            Self::Kept => f.write_str("kept"),
            Self::OneIn(rate) => write!(f, "kept 1 in {rate}"),
            Self::ByTraceId(rate) => write!(f, "kept 1 in {rate} by trace ID"),
            Self::Dynamic { sampler, goal, key } if key.is_empty() => {
                write!(f, "{sampler}, {goal}")
            }
            Self::Dynamic { sampler, goal, key } => {
                write!(f, "{sampler}, {goal}, by {}", key.join(", "))
            }
            Self::Crash(why) => write!(f, "Refinery exits: {why}"),
        }
    }
}

/// A target as rules, to compare with others: a single sampler is a rule without conditions.
/// `None` if Refinery exits on its first trace anyway.
pub fn as_rules(target: &Target) -> Option<RulesSpec> {
    let mut rules = match target {
        Target::Null | Target::Empty => return None,
        Target::Rules(rules) => rules.clone(),
        Target::Single(sampler) => {
            let sampling_fields = sampler.sampling_fields().to_vec();
            let sampler = Some(RuleSamplerSpec { sampler: Some(sampler.clone()), sampling_fields });
            let rule = RuleSpec { sampler, ..RuleSpec::default() };
            RulesSpec { rules: vec![Some(rule)], check_nested_fields: false }
        }
    };
    for rule in rules.rules.iter_mut().flatten() {
        let decides = rule.sampler.as_ref().and_then(|sampler| sampler.sampler.as_ref());
        // Traces that are sampled 1 in 1 by trace ID are kept.
        if decides == Some(&SamplerSpec::Deterministic { sample_rate: 1 }) {
            (rule.sampler, rule.drop, rule.sample_rate) = (None, false, 1);
        }
    }
    Some(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::spec::{DynamicSpec, KeySpec};

    #[test]
    fn outcomes_in_words() {
        let rule = |sample_rate, drop| RuleSpec { sample_rate, drop, ..RuleSpec::default() };
        for (spec, text) in [
            (rule(0, false), "dropped"),
            (rule(5, true), "dropped"),
            (rule(1, false), "kept"),
            (rule(50, false), "kept 1 in 50"),
        ] {
            assert_eq!(Outcome::of_rule(&spec).to_string(), text);
        }
        let key = KeySpec { field_list: vec!["a".to_owned()], ..KeySpec::default() };
        let dynamic = DynamicSpec { sample_rate: 7, key, ..DynamicSpec::default() };
        let outcome = Outcome::of_sampler(&SamplerSpec::Dynamic(dynamic));
        assert_eq!(outcome.to_string(), "DynamicSampler, 1 in 7, by a");
        let by_id = Outcome::of_sampler(&SamplerSpec::Deterministic { sample_rate: 7 });
        assert_eq!(by_id.to_string(), "kept 1 in 7 by trace ID");
    }

    #[test]
    fn one_in_one_is_kept_in_every_spelling() {
        let single = |sample_rate| Target::Single(SamplerSpec::Deterministic { sample_rate });
        let first = |target: &Target| as_rules(target).unwrap().rules.remove(0).unwrap();
        assert_eq!(first(&single(1)), RuleSpec { sample_rate: 1, ..RuleSpec::default() });
        assert!(first(&single(2)).sampler.is_some());
        assert_eq!(as_rules(&Target::Empty), None);
    }
}
