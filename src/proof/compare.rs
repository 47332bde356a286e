//! Compares how two lists of rules decide all traces, and checks decisions against a requirement.
//!
//! Decisions are equal if the same sampler decides, or the same rate; the names of rules do not
//! matter.

use super::analysis::{STEPS_OF_TARGET, ask, has_rare_value};
use super::budget::Budget;
use super::search::Answer;
use super::space::{Condition, Rule, Scope, Semantics, Space};
use super::value::Domain;
use crate::engine::Trace;
use crate::engine::spec::{RuleSamplerSpec, RuleSpec, RulesSpec};
use foldhash::{HashMap, HashMapExt};

/// A statement about all traces.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is true for all traces.
    Holds,
    /// It is false for this trace, which the engine has confirmed.
    Refuted(Box<Trace>),
    /// Nothing was proved within the limits, or a rule crashes Refinery.
    Unknown,
}

/// The decision about a trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome<'s> {
    Dropped,
    /// One in this many is kept.
    Rate(i64),
    Sampler(&'s RuleSamplerSpec),
}

impl<'s> Outcome<'s> {
    /// The outcome of a rule, or of no rule.
    pub fn of(rule: Option<&'s RuleSpec>) -> Self {
        let Some(rule) = rule else { return Self::Rate(1) };
        match &rule.sampler {
            Some(sampler) => Self::Sampler(sampler),
            None if rule.drop || rule.sample_rate <= 0 => Self::Dropped,
            None => Self::Rate(rule.sample_rate),
        }
    }
}

/// Traces that two lists of rules decide differently, by the rules that decide them.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The numbers of the deciding rules in each list; `None` if no rule matches.
    pub rules: [Option<usize>; 2],
    /// One of these traces, which the engine has confirmed.
    pub witness: Box<Trace>,
}

/// The result of a comparison of two lists of rules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// At most one for each pair of rules.
    pub differences: Vec<Difference>,
    /// For how many pairs of rules nothing was proved within the limits.
    pub unknown: usize,
}

/// Whether two lists of rules decide every trace the same way.
pub fn are_equal(one: &RulesSpec, other: &RulesSpec) -> Verdict {
    let Some(mut comparison) = find_differences(one, other, 1) else { return Verdict::Unknown };
    match comparison.differences.pop() {
        Some(difference) => Verdict::Refuted(difference.witness),
        None if comparison.unknown > 0 => Verdict::Unknown,
        None => Verdict::Holds,
    }
}

/// For which pairs of rules the same trace is decided differently, up to this number of pairs.
/// `None` if a rule cannot be analysed.
pub fn find_differences(one: &RulesSpec, other: &RulesSpec, most: usize) -> Option<Comparison> {
    let mut space = Space::new(Semantics::Engine);
    let ones = Deciders::of(one, &mut space)?;
    let others = Deciders::of(other, &mut space)?;
    let mut left = Budget::new(STEPS_OF_TARGET);
    let mut comparison = Comparison::default();
    let (first, other_first) = (ones.first_of_each(), others.first_of_each());
    for (number, outcome) in ones.outcomes.iter().enumerate() {
        for (other_number, other_outcome) in others.outcomes.iter().enumerate() {
            let is_contradiction = precedes(ones.rules.get(number), &other_first, other_number)
                || precedes(others.rules.get(other_number), &first, number);
            if is_contradiction || outcome == other_outcome {
                continue;
            }
            let (mut all, mut none) = ones.decided_by(number);
            let (more, fewer) = others.decided_by(other_number);
            all.extend(more);
            none.extend(fewer);
            match ask(&mut space, &all, &none, &mut left) {
                Answer::Possible(mut witness) => {
                    if has_rare_value(&witness) {
                        // Other values are easier to understand.
                        space.fields = Domain::Common;
                        if let Answer::Possible(common) = ask(&mut space, &all, &none, &mut left) {
                            witness = common;
                        }
                        space.fields = Domain::Field;
                    }
                    let rules = [ones.rule(number), others.rule(other_number)];
                    comparison.differences.push(Difference { rules, witness });
                }
                Answer::Impossible(_) => {}
                Answer::Unknown => comparison.unknown += 1,
            }
            if comparison.differences.len() >= most {
                return Some(comparison);
            }
        }
    }
    Some(comparison)
}

/// Which traces a statement is about.
pub struct About<'p> {
    /// They match these rules, whose outcomes do not matter,
    pub all: &'p [RuleSpec],
    /// and none of these.
    pub none: &'p [RuleSpec],
    /// Their fields may be NaN, infinite or unsigned, too.
    pub has_rare_values: bool,
    pub semantics: Semantics,
}

/// Whether all these traces are decided as allowed: by the rule of this number, if any, and with
/// this outcome.
pub fn all_are_decided(
    rules: &RulesSpec,
    about: &About<'_>,
    may_be: impl Fn(Option<usize>, Outcome) -> bool,
) -> Verdict {
    let mut space = Space::new(about.semantics);
    if !about.has_rare_values {
        space.fields = Domain::Common;
    }
    let deciders = Deciders::of(rules, &mut space);
    let mut read = |patterns: &[RuleSpec]| -> Option<Vec<Rule>> {
        patterns.iter().map(|rule| space.rule(rule, rules.check_nested_fields)).collect()
    };
    let (Some(deciders), Some(matching), Some(excluded)) =
        (deciders, read(about.all), read(about.none))
    else {
        return Verdict::Unknown;
    };
    let mut left = Budget::new(STEPS_OF_TARGET);
    let mut verdict = Verdict::Holds;
    for (number, outcome) in deciders.outcomes.iter().enumerate() {
        if may_be(Some(number).filter(|number| *number < rules.rules.len()), *outcome) {
            continue;
        }
        let (mut all, mut none) = deciders.decided_by(number);
        all.extend(&matching);
        none.extend(&excluded);
        match ask(&mut space, &all, &none, &mut left) {
            Answer::Possible(trace) => return Verdict::Refuted(trace),
            Answer::Impossible(_) => {}
            Answer::Unknown => verdict = Verdict::Unknown,
        }
    }
    verdict
}

/// Whether all decisions stay the same without the rule of this number.
pub fn is_without_effect(rules: &RulesSpec, number: usize) -> Verdict {
    let mut fewer = rules.clone();
    if number < fewer.rules.len() {
        fewer.rules.remove(number);
    }
    are_equal(rules, &fewer)
}

type FirstOfEach<'r> = HashMap<(Scope, &'r [Condition]), usize>;

/// Whether a rule that is written like this one precedes the rule of that number, so that no trace
/// matches this one and reaches that one.
fn precedes(rule: Option<&Rule>, first: &FirstOfEach<'_>, number: usize) -> bool {
    let found = rule.and_then(|rule| first.get(&(rule.scope, rule.conditions.as_slice())));
    found.is_some_and(|first| *first < number)
}

/// The rules of a list with their outcomes, and finally the outcome if none matches.
struct Deciders<'s> {
    rules: Vec<Rule>,
    outcomes: Vec<Outcome<'s>>,
}

impl<'s> Deciders<'s> {
    fn of(spec: &'s RulesSpec, space: &mut Space) -> Option<Self> {
        let rules: Option<Vec<_>> = spec
            .rules
            .iter()
            .map(|rule| space.rule(rule.as_ref()?, spec.check_nested_fields))
            .collect();
        let outcomes = spec.rules.iter().map(|rule| Outcome::of(rule.as_ref()));
        Some(Self { rules: rules?, outcomes: outcomes.chain([Outcome::of(None)]).collect() })
    }

    /// The number of a rule; `None` for the outcome if none matches.
    fn rule(&self, number: usize) -> Option<usize> {
        Some(number).filter(|number| *number < self.rules.len())
    }

    /// The number of the first of all rules that are written the same.
    fn first_of_each(&self) -> FirstOfEach<'_> {
        let mut first = HashMap::new();
        for (number, rule) in self.rules.iter().enumerate() {
            first.entry((rule.scope, rule.conditions.as_slice())).or_insert(number);
        }
        first
    }

    /// The rules that a trace must match and must not match for this outcome.
    fn decided_by(&self, number: usize) -> (Vec<&Rule>, Vec<&Rule>) {
        let (earlier, rest) = self.rules.split_at(number.min(self.rules.len()));
        (rest.iter().take(1).collect(), earlier.iter().collect())
    }
}
