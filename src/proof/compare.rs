//! Compares how two lists of rules decide all traces, and checks decisions against a requirement.
//!
//! Decisions are equal if the same sampler with the same settings decides, or the same rate; the names
//! of rules do not matter.

use super::analysis::{STEPS_OF_TARGET, ask, has_rare_value};
use super::budget::Budget;
use super::search::Answer;
use super::space::{Condition, Rule, Scope, Semantics, Space};
use super::value::Domain;
use crate::engine::Trace;
use crate::engine::process::running_name;
use crate::engine::spec::{KeySpec, RuleSamplerSpec, RuleSpec, RulesSpec, SamplerSpec};
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
            let is_same = outcome == other_outcome
                && ones.started.get(number) == others.started.get(other_number);
            if is_contradiction || is_same {
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
    /// Their fields may have rare values, too.
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
    /// The settings of the running sampler of each rule.
    started: Vec<Option<Started>>,
}

/// The settings of a running sampler. Rules whose samplers have the same type, rate and fields share
/// one, so the order of rules that share may matter even if no trace matches two of them.
#[derive(Clone, PartialEq)]
struct Started {
    /// The sampler that started it, without what each rule reads from its own key.
    by: SamplerSpec,
    /// One of those that share it divides the goal by the number of peers.
    uses_cluster_size: bool,
}

impl Started {
    fn new(spec: &SamplerSpec) -> Self {
        let mut by = spec.clone();
        if let Some(key) = by.key_mut() {
            *key = KeySpec { max_keys: key.max_keys, ..KeySpec::default() };
        }
        Self { by, uses_cluster_size: false }
    }

    fn of_each(spec: &RulesSpec) -> Vec<Option<Self>> {
        let name = |spec: &SamplerSpec| running_name("", spec);
        let rules = spec.rules.iter().map(Option::as_ref);
        let samplers: Vec<_> = rules.map(|rule| rule?.sampler.as_ref()?.sampler.as_ref()).collect();
        let mut started: HashMap<String, Self> = HashMap::new();
        for spec in samplers.iter().copied().flatten() {
            if let Some(name) = name(spec) {
                let by_name = started.entry(name).or_insert_with(|| Self::new(spec));
                by_name.uses_cluster_size |= spec.throughput().is_some_and(|t| t.use_cluster_size);
            }
        }
        samplers.into_iter().map(|spec| started.get(&name(spec?)?).cloned()).collect()
    }
}

impl<'s> Deciders<'s> {
    fn of(spec: &'s RulesSpec, space: &mut Space) -> Option<Self> {
        let rules: Option<Vec<_>> = spec
            .rules
            .iter()
            .map(|rule| space.rule(rule.as_ref()?, spec.check_nested_fields))
            .collect();
        let outcomes = spec.rules.iter().map(|rule| Outcome::of(rule.as_ref()));
        let outcomes = outcomes.chain([Outcome::of(None)]).collect();
        let started = Started::of_each(spec).into_iter().chain([None]).collect();
        Some(Self { rules: rules?, outcomes, started })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Value;
    use crate::engine::spec::{ConditionSpec, DynamicSpec, TotalThroughputSpec};

    /// A rule for the traces with one kind of root span.
    fn rule(kind: &str, sampler: SamplerSpec) -> RuleSpec {
        let condition = ConditionSpec {
            field: "root.kind".to_owned(),
            operator: "=".to_owned(),
            value: Value::Text(kind.to_owned()),
            ..ConditionSpec::default()
        };
        let sampler = RuleSamplerSpec { sampler: Some(sampler), ..RuleSamplerSpec::default() };
        RuleSpec {
            conditions: Some(vec![Some(condition)]),
            sampler: Some(sampler),
            ..RuleSpec::default()
        }
    }

    fn key(fields: &[&str], max_keys: i64) -> KeySpec {
        let field_list = fields.iter().map(|field| (*field).to_owned()).collect();
        KeySpec { field_list, max_keys, ..KeySpec::default() }
    }

    fn dynamic(sample_rate: i64, fields: &[&str], max_keys: i64) -> SamplerSpec {
        let key = key(fields, max_keys);
        SamplerSpec::Dynamic(DynamicSpec { sample_rate, key, ..DynamicSpec::default() })
    }

    fn total(use_cluster_size: bool) -> SamplerSpec {
        let mut spec =
            TotalThroughputSpec { key: key(&["a"], 5), ..TotalThroughputSpec::default() };
        spec.throughput.goal_per_second = 9;
        spec.throughput.use_cluster_size = use_cluster_size;
        SamplerSpec::TotalThroughput(spec)
    }

    fn verdict_on_order(one: SamplerSpec, other: SamplerSpec) -> Verdict {
        let rules = [rule("x", one), rule("y", other)].map(Some);
        let mut turned = rules.clone();
        turned.reverse();
        let list = |rules: [Option<RuleSpec>; 2]| RulesSpec {
            rules: rules.into(),
            check_nested_fields: false,
        };
        are_equal(&list(rules), &list(turned))
    }

    #[test]
    fn the_first_of_shared_samplers_counts() {
        let first = || dynamic(2, &["a", "b"], 5);
        // Each is started with its own settings.
        assert_eq!(verdict_on_order(first(), dynamic(3, &["a", "b"], 9)), Verdict::Holds);
        assert_eq!(verdict_on_order(first(), dynamic(2, &["a"], 9)), Verdict::Holds);
        // The order of the fields only matters to the key.
        assert_eq!(verdict_on_order(first(), dynamic(2, &["b", "a"], 5)), Verdict::Holds);
        let shared = verdict_on_order(first(), dynamic(2, &["a", "b"], 9));
        assert!(matches!(shared, Verdict::Refuted(_)), "{shared:?}");
    }

    #[test]
    fn one_of_shared_samplers_divides_the_goal() {
        let list = |samplers: &[SamplerSpec]| RulesSpec {
            rules: ["x", "y"].iter().zip(samplers).map(|(k, s)| Some(rule(k, s.clone()))).collect(),
            check_nested_fields: false,
        };
        let both = list(&[total(false), total(true)]);
        assert!(matches!(are_equal(&list(&[total(false)]), &both), Verdict::Refuted(_)));
        assert_eq!(are_equal(&both, &both), Verdict::Holds);
    }
}
