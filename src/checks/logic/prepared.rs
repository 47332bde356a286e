//! A rule with its conditions ready to be compared with others.
//!
//! Must not compare them: `rule` does.

use super::proof::{always, never};
use crate::checks::{ConditionAt, RuleAt};
use crate::engine::condition::Condition;

/// Rules with more conditions are made by programs, or to be slow: nothing is claimed of them.
const MOST_CONDITIONS: usize = 50;

pub struct Prepared<'a> {
    pub at: RuleAt<'a>,
    /// None where they do not matter: in a scope that the engine does not know.
    pub clauses: Vec<Clause<'a>>,
    /// No trace matches it.
    pub is_dead: bool,
}

pub struct Clause<'a> {
    pub at: ConditionAt<'a>,
    pub condition: Condition,
    /// Every span fulfils it.
    pub is_idle: bool,
}

impl<'a> Prepared<'a> {
    /// None for a rule that ends the process, or that has too many conditions.
    pub fn new(at: RuleAt<'a>) -> Option<Self> {
        let written = at.spec.conditions.as_deref().unwrap_or_default();
        let clauses: Vec<_> = at.conditions().filter_map(Clause::new).collect();
        let is_whole = clauses.len() == written.len() && written.len() <= MOST_CONDITIONS;
        let clauses = if at.has_known_scope() { clauses } else { Vec::new() };
        is_whole.then_some(Self { at, clauses, is_dead: false })
    }

    /// Every trace matches it, one without spans too.
    pub fn takes_all(&self) -> bool {
        self.at.spec.conditions.is_none() || !self.at.has_known_scope()
    }

    /// No trace without spans matches it.
    pub fn needs_a_span(&self) -> bool {
        let of_spans = self.at.is_of_spans() && self.at.spec.conditions.is_some();
        of_spans || self.any(|clause| clause.condition.wants_root != Some(false))
    }

    pub fn all(&self, holds: impl Fn(&Clause) -> bool) -> bool {
        self.clauses.iter().all(holds)
    }

    pub fn any(&self, holds: impl Fn(&Clause) -> bool) -> bool {
        self.clauses.iter().any(holds)
    }
}

impl<'a> Clause<'a> {
    fn new(at: ConditionAt<'a>) -> Option<Self> {
        let mut condition = Condition::new(at.spec).ok()?;
        if !at.rule.is_of_traces() {
            // Only of traces is it asked whether there is a root; of spans it never holds.
            condition.wants_root = None;
        }
        let is_idle = condition.wants_root.is_none() && always(&condition);
        Some(Self { at, condition, is_idle })
    }

    /// No span fulfils it.
    pub fn is_void(&self) -> bool {
        self.condition.wants_root.is_none() && never(&self.condition)
    }
}
