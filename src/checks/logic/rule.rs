//! Rules of one target: which take every trace of others, and which take none.
//!
//! Must not compare values (`proof` does).

use super::prepared::{Clause, Prepared};
use super::proof::{excludes, implies};
use crate::checks::{ConditionAt, RuleAt, Subject, TargetAt};
use crate::schema::Quirk;
use std::cell::Cell;

/// So many rules of a target are compared with each other, with so many proofs: nothing is claimed
/// of the rest of a file that is made to be slow.
const MOST_RULES: usize = 1000;
const MOST_PROOFS: u32 = 20_000;

/// The rules of one target, ready to be reasoned about.
pub struct Logic<'a> {
    rules: Vec<Prepared<'a>>,
    nested: bool,
    /// Conditions answer as the engine here does.
    is_exact: bool,
    proofs_left: Cell<u32>,
}

/// Why no trace matches a rule.
#[derive(Clone, Copy)]
pub enum Reason<'a> {
    /// No span fulfils it.
    Alone(ConditionAt<'a>),
    /// No span, or no trace, fulfils both.
    Both(ConditionAt<'a>, ConditionAt<'a>),
}

impl<'a> Logic<'a> {
    pub fn new(subject: &Subject<'_>, target: &'a TargetAt<'a>) -> Self {
        let rules: Vec<_> = target.rules().take(MOST_RULES).filter_map(Prepared::new).collect();
        let mut logic = Self {
            nested: rules.first().is_some_and(|rule| rule.at.rules.check_nested_fields),
            rules,
            is_exact: subject.ground.quirks.has(Quirk::AnswersAsNow),
            proofs_left: Cell::new(MOST_PROOFS),
        };
        let dead: Vec<_> = logic.rules.iter().map(|rule| logic.why_dead(rule).is_some()).collect();
        logic.rules.iter_mut().zip(dead).for_each(|(rule, is_dead)| rule.is_dead = is_dead);
        logic
    }

    /// The rules that no trace matches, and why.
    pub fn dead(&self) -> impl Iterator<Item = (RuleAt<'a>, Reason<'a>)> {
        let dead = self.rules.iter().filter(|rule| rule.is_dead);
        dead.filter_map(|rule| Some((rule.at, self.why_dead(rule)?)))
    }

    /// Each rule that takes every trace of later ones, with these. A later rule is named once, with
    /// the first that takes its traces.
    pub fn shadows(&self) -> Vec<(RuleAt<'a>, Vec<RuleAt<'a>>)> {
        let mut left: Vec<&Prepared> = self.rules.iter().filter(|rule| !rule.is_dead).collect();
        let mut shadows = Vec::new();
        for rule in self.rules.iter().filter(|rule| !rule.is_dead) {
            left.retain(|other| other.at.number > rule.at.number);
            let (taken, others): (Vec<_>, Vec<_>) =
                left.iter().partition(|other| self.takes(rule, other));
            if !taken.is_empty() {
                left = others;
                shadows.push((rule.at, taken.iter().map(|other| other.at).collect()));
            }
        }
        shadows
    }

    /// Conditions that hold wherever another of their rule does, each with that one.
    pub fn superfluous(&self) -> Vec<(ConditionAt<'a>, ConditionAt<'a>)> {
        self.rules.iter().filter(|rule| !rule.is_dead).flat_map(|rule| self.idle(rule)).collect()
    }

    fn idle(&self, rule: &Prepared<'a>) -> Vec<(ConditionAt<'a>, ConditionAt<'a>)> {
        let mut gone: Vec<usize> = Vec::new();
        let mut idle = Vec::new();
        for (n, weak) in rule.clauses.iter().enumerate() {
            // Of two that follow from each other one must stay.
            let others =
                rule.clauses.iter().enumerate().filter(|(m, _)| *m != n && !gone.contains(m));
            let found = others.into_iter().find(|(_, strong)| self.follows(strong, weak));
            if let Some((_, strong)) = found {
                gone.push(n);
                idle.push((weak.at, strong.at));
            }
        }
        idle
    }

    /// Every trace that matches `other` matches `rule`.
    fn takes(&self, rule: &Prepared, other: &Prepared) -> bool {
        if rule.takes_all() {
            return true;
        }
        let is_met = |weak: &Clause| {
            weak.is_idle && other.needs_a_span() || other.any(|strong| self.follows(strong, weak))
        };
        if rule.at.is_of_traces() || other.at.is_of_spans() {
            return (rule.at.is_of_traces() || other.needs_a_span()) && rule.all(is_met);
        }
        // Conditions of a trace may hold for different spans: one alone must do.
        let is_met_by = |strong: &Clause| {
            strong.condition.wants_root.is_none()
                && rule.all(|weak| weak.is_idle || self.follows(strong, weak))
        };
        other.any(is_met_by)
    }

    /// A span that fulfils `strong` fulfils `weak`, or a trace where traces are asked.
    fn follows(&self, strong: &Clause, weak: &Clause) -> bool {
        let (p, q) = (&strong.condition, &weak.condition);
        if p.wants_root.is_some() || q.wants_root.is_some() {
            return p.wants_root == q.wants_root;
        }
        let is_same = strong.at.spec == weak.at.spec;
        is_same || (self.is_exact && p.sees_as(q) && self.may_prove() && implies(p, q))
    }

    fn why_dead(&self, rule: &Prepared<'a>) -> Option<Reason<'a>> {
        if !self.is_exact {
            return None;
        }
        if let Some(void) = rule.clauses.iter().find(|clause| clause.is_void()) {
            return Some(Reason::Alone(void.at));
        }
        rule.clauses.iter().enumerate().find_map(|(n, one)| {
            let mut later = rule.clauses.iter().skip(n + 1);
            let other = later.find(|other| self.contradict(rule.at, one, other))?;
            Some(Reason::Both(one.at, other.at))
        })
    }

    fn contradict(&self, rule: RuleAt, one: &Clause, other: &Clause) -> bool {
        let (p, q) = (&one.condition, &other.condition);
        if p.wants_root.is_some() || q.wants_root.is_some() {
            return p.wants_root.is_some()
                && q.wants_root.is_some()
                && p.wants_root != q.wants_root;
        }
        let is_of_one_span = rule.is_of_spans() || (p.looks_at_root() && !self.nested);
        is_of_one_span && p.sees_as(q) && self.may_prove() && excludes(p, q)
    }

    fn may_prove(&self) -> bool {
        let left = self.proofs_left.get();
        self.proofs_left.set(left.saturating_sub(1));
        left > 0
    }
}
