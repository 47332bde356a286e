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
        Self { space, rules, left: Budget::new(STEPS_OF_TARGET) }
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

    /// A trace that matches this and neither that nor the rules before this number. Values that people
    /// know are preferred.
    fn find(&mut self, number: usize, all: &Rule, none: Option<&Rule>) -> Answer {
        let earlier = self.rules.iter().take(number).flatten();
        let none: Vec<&Rule> = earlier.chain(none).collect();
        self.space.fields = Domain::Common;
        let common = ask(&mut self.space, &[all], &none, &mut self.left);
        if matches!(common, Answer::Possible(_)) {
            return common;
        }
        self.space.fields = Domain::Field;
        ask(&mut self.space, &[all], &none, &mut self.left)
    }
}

fn count(spec: &RuleSpec) -> usize {
    spec.conditions.as_ref().map_or(0, Vec::len)
}
