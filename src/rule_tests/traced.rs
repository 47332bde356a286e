//! Tests of single traces, run with changed rules.
//!
//! A change concerns few traces: those that the rule decides, or would decide without one of its
//! conditions. Only these are decided again, by the rule that then comes first; the conditions of all
//! others are not tested again.

use super::change::Edit;
use super::read::{Subject, Test, TestFile};
use super::run::is_missed;
use crate::checks::{RuleAt, TargetAt};
use crate::engine::key_fields::{ROOT_PREFIX, condition_fields};
use crate::engine::process::running_name;
use crate::engine::spec::{ConditionSpec, RulesSpec, SamplerSpec, Target};
use crate::engine::{Fields, Trace};
use crate::proof::Outcome;
use crate::traces::Run;
use std::collections::BTreeSet;

/// The tests of single traces of a target.
pub struct Traced<'t> {
    target: &'t TargetAt<'t>,
    run: Run<'t>,
    tests: Vec<TracedTest<'t>>,
    /// For each rule, the name of its dynamic sampler; those with the same name share their counts.
    samplers: Vec<Option<String>>,
}

struct TracedTest<'t> {
    test: &'t Test,
    trace: Trace,
    /// The rule that decides.
    decider: Option<usize>,
}

impl<'t> Traced<'t> {
    pub fn new(target: &'t TargetAt<'t>, files: impl Iterator<Item = &'t TestFile>) -> Self {
        let run = Run::new(target.name, &target.spec, 0).started();
        let decider = |trace: &Trace| run.matcher().and_then(|rules| rules.first_match(trace, 0));
        let mut tests = Vec::new();
        for file in files {
            for test in &file.tests {
                let Subject::Trace(trace) = &test.subject else { continue };
                let trace = file.route.carry(trace.clone());
                tests.push(TracedTest { test, decider: decider(&trace), trace });
            }
        }
        let sampler_of = |rule: RuleAt<'_>| running_name("", dynamic(rule)?);
        let samplers = match &target.spec {
            Target::Rules(RulesSpec { rules, .. }) => {
                (0..rules.len()).map(|number| sampler_of(target.rule(number)?)).collect()
            }
            _ => Vec::new(),
        };
        Self { target, run, tests, samplers }
    }

    /// Whether the change may concern traces that none of its rules matches, because other rules share
    /// a sampler that a rule in another place would start.
    pub fn needs_all_rules(&self, rule: RuleAt<'_>, edit: &Edit) -> bool {
        let moved = match edit {
            Edit::Delete => 1,
            Edit::MoveAfterNext => 2,
            Edit::Outcome(_) | Edit::Without(_) => 0,
        };
        let is_shared =
            |name: &String| self.samplers.iter().flatten().filter(|n| *n == name).count() > 1;
        self.samplers.iter().skip(rule.number).take(moved).flatten().any(is_shared)
    }

    /// Whether a test fails with a changed place or outcome of a rule.
    pub fn notices(&self, rule: RuleAt<'_>, edit: &Edit) -> bool {
        let Some(matcher) = self.run.matcher() else { return true };
        let number = rule.number;
        let mut decided = self.tests.iter().filter(|traced| traced.decider == Some(number));
        match edit {
            Edit::Delete => decided.any(|traced| {
                self.fails_by(traced, matcher.first_match(&traced.trace, number + 1))
            }),
            Edit::MoveAfterNext => {
                let next = Some(number + 1);
                decided.any(|traced| {
                    matcher.first_match(&traced.trace, number + 1) == next
                        && self.fails_by(traced, next)
                })
            }
            Edit::Outcome(spec) => {
                let rules = vec![Some((**spec).clone())];
                let changed = Target::Rules(RulesSpec { rules, check_nested_fields: false });
                let run = Run::new(self.target.name, &changed, 0).started();
                decided.any(|traced| {
                    let mut outcome = run.decide_by(&traced.trace, Some(0));
                    if let Ok(decided) = &mut outcome {
                        decided.rule = Some(number);
                    }
                    is_missed(self.target, traced.test, &outcome)
                })
            }
            Edit::Without(_) => false,
        }
    }

    /// The conditions of a rule without which a test fails.
    pub fn notices_without(&self, rule: RuleAt<'_>) -> BTreeSet<usize> {
        let mut noticed = BTreeSet::new();
        let Some(matcher) = self.run.matcher() else { return noticed };
        let later = |decider: Option<usize>| decider.is_none_or(|decider| decider > rule.number);
        for traced in self.tests.iter().filter(|traced| later(traced.decider)) {
            let mut near = matcher.near_misses(&traced.trace, rule.number);
            near.retain(|condition| !noticed.contains(condition));
            if !near.is_empty() && self.fails_by(traced, Some(rule.number)) {
                noticed.extend(near);
            }
        }
        noticed
    }

    /// Whether the trace of a test, perhaps without the fields of a condition, is decided otherwise with
    /// the change. If not, another trace may be.
    pub fn shows_effect(&self, rule: RuleAt<'_>, edit: &Edit) -> bool {
        let Some(matcher) = self.run.matcher() else { return false };
        let number = rule.number;
        let own = Outcome::of(Some(rule.spec));
        let outcome_of = |decider: Option<usize>| {
            Outcome::of(decider.and_then(|number| rule.target.rule(number)).map(|rule| rule.spec))
        };
        let mut decided = self.tests.iter().filter(|traced| traced.decider == Some(number));
        match edit {
            Edit::Outcome(spec) => decided.next().is_some() && Outcome::of(Some(spec)) != own,
            Edit::Delete => decided
                .any(|traced| outcome_of(matcher.first_match(&traced.trace, number + 1)) != own),
            Edit::MoveAfterNext => decided.any(|traced| {
                let next = matcher.first_match(&traced.trace, number + 1);
                next == Some(number + 1) && outcome_of(next) != own
            }),
            Edit::Without(place) => {
                let Some(condition) = rule.conditions().nth(*place) else { return false };
                decided.any(|traced| {
                    let trace = without_fields(&traced.trace, condition.spec);
                    let decider = matcher.first_match(&trace, 0);
                    decider.is_none_or(|decider| decider > number)
                        && outcome_of(decider) != own
                        && matcher.near_misses(&trace, number).contains(place)
                })
            }
        }
    }

    /// Whether a test fails if this rule decides.
    fn fails_by(&self, traced: &TracedTest<'_>, rule: Option<usize>) -> bool {
        let outcome = self.run.decide_by(&traced.trace, rule);
        is_missed(self.target, traced.test, &outcome)
    }
}

/// The trace without what a condition tests.
fn without_fields(trace: &Trace, condition: &ConditionSpec) -> Trace {
    let names: Vec<&str> = condition_fields(condition)
        .map(|name| name.strip_prefix(ROOT_PREFIX).unwrap_or(name))
        .collect();
    trace.clone().map(|span| {
        let rest = span.iter().filter(|(name, _)| !names.contains(name));
        Fields::new(rest.map(|(name, value)| (name.to_owned(), value.clone())))
    })
}

fn dynamic(rule: RuleAt<'_>) -> Option<&SamplerSpec> {
    rule.spec.sampler.as_ref()?.sampler.as_ref()
}
