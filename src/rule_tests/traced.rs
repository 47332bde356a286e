//! Tests of single traces, run with changed rules.
//!
//! A change concerns few traces: those that the rule decides, or would decide without one of its
//! conditions. Only these are decided again, by the rule that then comes first; the conditions of all
//! others are not tested again.

use super::change::Edit;
use super::read::{Subject, Test, TestFile};
use super::run::is_missed;
use crate::checks::{RuleAt, TargetAt};
use crate::engine::Trace;
use crate::engine::process::running_name;
use crate::engine::spec::{RulesSpec, SamplerSpec, Target};
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
                let trace = file.route.carry(trace).into_owned().with_metadata();
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

    /// The traces of tests that a rule decides.
    pub fn decided_by(&self, rule: RuleAt<'_>) -> impl Iterator<Item = &Trace> {
        let number = Some(rule.number);
        self.tests.iter().filter(move |traced| traced.decider == number).map(|traced| &traced.trace)
    }

    /// The number of the first rule from this one on that matches.
    pub fn first_match(&self, trace: &Trace, from: usize) -> Option<usize> {
        self.run.matcher()?.first_match(trace, from)
    }

    /// Whether a test fails if this rule decides.
    fn fails_by(&self, traced: &TracedTest<'_>, rule: Option<usize>) -> bool {
        let outcome = self.run.decide_by(&traced.trace, rule);
        is_missed(self.target, traced.test, &outcome)
    }
}

fn dynamic(rule: RuleAt<'_>) -> Option<&SamplerSpec> {
    rule.spec.sampler.as_ref()?.sampler.as_ref()
}
