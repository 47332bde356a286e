//! Finds traces that exercise rules: that a rule decides, or that fail at one of its conditions.

use super::analysis::{MAX_CONDITIONS, MAX_RULES, STEPS_OF_TARGET, ask};
use super::budget::Budget;
use super::search::Answer;
use super::space::{Rule, Semantics, Space};
use super::value::Domain;
use crate::engine::spec::{RuleSpec, RulesSpec};

/// Searches for traces that exercise the rules of a target.
pub struct Exerciser {
    space: Space,
    rules: Vec<Option<Rule>>,
    /// There are further rules.
    is_cut: bool,
    left: Budget,
}

impl Exerciser {
    pub fn new(spec: &RulesSpec, semantics: Semantics) -> Self {
        let mut space = Space::new(semantics);
        let nested = spec.check_nested_fields;
        let rules = spec.rules.iter().take(MAX_RULES).map(|rule| {
            let rule = rule.as_ref().filter(|rule| count(rule) <= MAX_CONDITIONS)?;
            space.rule(rule, nested)
        });
        let rules = rules.collect();
        Self {
            space,
            rules,
            is_cut: spec.rules.len() > MAX_RULES,
            left: Budget::new(STEPS_OF_TARGET),
        }
    }

    /// A trace that this rule decides.
    pub fn decided_by(&mut self, number: usize) -> Answer {
        match self.rules.get(number).cloned().flatten() {
            Some(rule) => self.find(number, &rule, None),
            None => Answer::Unknown,
        }
    }

    /// A trace that no earlier rule decides and for which this condition of the rule is the first that
    /// does not hold.
    pub fn fails_at(&mut self, number: usize, condition: usize) -> Answer {
        let Some(Some(rule)) = self.rules.get(number) else { return Answer::Unknown };
        let first = |count: usize| rule.with_conditions(&(0..count).collect::<Vec<_>>());
        let (before, with) = (first(condition), first(condition + 1));
        self.find(number, &before, Some(&with))
    }

    /// A trace with familiar values that matches these rules, and none before the first.
    pub fn matching(&mut self, numbers: &[usize]) -> Answer {
        let get = |number: &usize| self.rules.get(*number).cloned().flatten();
        let Some(rules) = numbers.iter().map(get).collect::<Option<Vec<_>>>() else {
            return Answer::Unknown;
        };
        let first = numbers.iter().copied().min().unwrap_or(0);
        self.find_in(Domain::Common, first, &rules.iter().collect::<Vec<_>>(), None)
    }

    /// A trace with familiar values that no earlier rule decides and that fails only at this
    /// condition of the rule.
    pub fn fails_only_at(&mut self, number: usize, condition: usize) -> Answer {
        let Some(Some(rule)) = self.rules.get(number).cloned() else { return Answer::Unknown };
        self.find_in(Domain::Common, number, &[&rule.without(condition)], Some(&rule))
    }

    /// A trace with familiar values that the rule decides, or would decide without this condition,
    /// and that later rules, or no rule, decide instead as requested.
    pub fn decided_instead(
        &mut self,
        number: usize,
        condition: Option<usize>,
        by: impl Fn(Option<usize>) -> bool,
    ) -> Answer {
        let Some(Some(own)) = self.rules.get(number).cloned() else { return Answer::Unknown };
        let (wider, narrower) = match condition {
            Some(condition) => (own.without(condition), Some(own)),
            None => (own, None),
        };
        let count = self.rules.len();
        let mut is_open = self.is_cut;
        self.space.fields = Domain::Common;
        for decider in (number + 1..=count).filter(|n| by(Some(*n).filter(|n| *n < count))) {
            let rule = match self.rules.get(decider) {
                Some(None) => {
                    is_open = true;
                    continue;
                }
                Some(Some(rule)) => Some(rule),
                None => None,
            };
            let all: Vec<&Rule> = [&wider].into_iter().chain(rule).collect();
            let before = self.rules[..number].iter().chain(&self.rules[number + 1..decider]);
            let none: Vec<&Rule> = before.flatten().chain(&narrower).collect();
            match ask(&mut self.space, &all, &none, &mut self.left) {
                Answer::Impossible(_) => {}
                Answer::Unknown => is_open = true,
                possible @ Answer::Possible(_) => return possible,
            }
        }
        if is_open { Answer::Unknown } else { Answer::Impossible(Vec::new()) }
    }

    /// A trace that matches this and neither that nor the rules before this number. Familiar values
    /// are preferred.
    fn find(&mut self, number: usize, all: &Rule, none: Option<&Rule>) -> Answer {
        let common = self.find_in(Domain::Common, number, &[all], none);
        if matches!(common, Answer::Possible(_)) {
            return common;
        }
        self.find_in(Domain::Field, number, &[all], none)
    }

    fn find_in(
        &mut self,
        fields: Domain,
        number: usize,
        all: &[&Rule],
        none: Option<&Rule>,
    ) -> Answer {
        let earlier = self.rules.iter().take(number).flatten();
        let none: Vec<&Rule> = earlier.chain(none).collect();
        self.space.fields = fields;
        ask(&mut self.space, all, &none, &mut self.left)
    }
}

fn count(spec: &RuleSpec) -> usize {
    spec.conditions.as_ref().map_or(0, Vec::len)
}
