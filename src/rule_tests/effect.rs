//! Whether a change to the rules alters the decision about any trace.
//!
//! Usually one trace shows it: of a test, or one that the conditions of the rule lead to. Only if these
//! do not, all traces are considered.

use super::change::Edit;
use super::traced::Traced;
use crate::checks::{RuleAt, TargetAt};
use crate::engine::Trace;
use crate::engine::spec::Target;
use crate::proof::{Answer, Exerciser, Outcome, Semantics};
use std::collections::HashMap;

/// Finds out which changes of a target's rules have an effect.
pub struct Effects<'t> {
    traced: &'t Traced<'t>,
    exerciser: Option<Exerciser>,
    /// By rule: a trace that it decides.
    decided: HashMap<usize, Answer>,
}

impl<'t> Effects<'t> {
    pub fn new(target: &TargetAt<'_>, traced: &'t Traced<'t>, semantics: Semantics) -> Self {
        let exerciser = match &target.spec {
            Target::Rules(rules) => Some(Exerciser::new(rules, semantics)),
            _ => None,
        };
        Self { traced, exerciser, decided: HashMap::new() }
    }

    /// Whether the change decides a trace otherwise, or nothing was proved within the limits.
    pub fn has(&mut self, rule: RuleAt<'_>, edit: &Edit) -> bool {
        if self.traced.decided_by(rule).any(|trace| self.shows(trace, rule, edit)) {
            return true;
        }
        let number = rule.number;
        let Some(exerciser) = &mut self.exerciser else { return true };
        // Many changes have an effect on any trace that they concern.
        let concerned = match edit {
            Edit::Delete | Edit::Outcome(_) => {
                let decided = self.decided.entry(number);
                decided.or_insert_with(|| exerciser.matching(&[number])).clone()
            }
            Edit::MoveAfterNext => exerciser.matching(&[number, number + 1]),
            Edit::Without(place) => exerciser.fails_only_at(number, *place),
        };
        match concerned {
            Answer::Possible(trace) if self.shows(&trace, rule, edit) => true,
            Answer::Impossible(_) => false,
            _ => !self.is_proved_without(rule, edit),
        }
    }

    /// Whether it is proved that later rules decide all concerned traces as this rule does.
    fn is_proved_without(&mut self, rule: RuleAt<'_>, edit: &Edit) -> bool {
        let place = match edit {
            Edit::Delete => None,
            Edit::Without(place) => Some(*place),
            Edit::Outcome(_) => return false,
            Edit::MoveAfterNext => return is_same(rule, Some(rule.number + 1)),
        };
        let Some(exerciser) = &mut self.exerciser else { return false };
        let answer = exerciser.decided_instead(rule.number, place, |other| !is_same(rule, other));
        matches!(answer, Answer::Impossible(_))
    }

    /// Whether the change decides this trace otherwise.
    fn shows(&self, trace: &Trace, rule: RuleAt<'_>, edit: &Edit) -> bool {
        let first_match = |from| self.traced.first_match(trace, from);
        match edit {
            Edit::Outcome(spec) => Outcome::of(Some(spec)) != Outcome::of(Some(rule.spec)),
            Edit::Delete => !is_same(rule, first_match(rule.number + 1)),
            Edit::MoveAfterNext => {
                let next = Some(rule.number + 1);
                first_match(rule.number + 1) == next && !is_same(rule, next)
            }
            Edit::Without(_) => !is_same(rule, first_match(0)),
        }
    }
}

/// Whether another rule, or no rule, decides as this rule does.
fn is_same(rule: RuleAt<'_>, other: Option<usize>) -> bool {
    let other = other.and_then(|number| rule.target.rule(number));
    Outcome::of(other.map(|other| other.spec)) == Outcome::of(Some(rule.spec))
}
