//! Small changes of one rule.

use crate::checks::RuleAt;
use crate::engine::spec::{RuleSpec, RulesSpec};
use crate::proof::Outcome;
use crate::span::Span;

/// A change of one rule.
pub struct Change {
    pub at: Option<Span>,
    /// What is different, such as `deleted`.
    pub what: String,
    pub edit: Edit,
}

/// How a rule changes.
pub enum Edit {
    Delete,
    MoveAfterNext,
    /// The same conditions decide otherwise, and without a sampler.
    Outcome(Box<RuleSpec>),
    /// A condition, by its number, is deleted.
    Without(usize),
}

/// All changes of a rule.
pub fn changes(rule: RuleAt<'_>) -> Vec<Change> {
    let (at, own) = (rule.span(), rule.spec);
    let mut changes = vec![Change { at, what: "deleted".to_owned(), edit: Edit::Delete }];
    if let Some(next) = rule.target.rule(rule.number + 1) {
        let what = format!("moved after {}", next.name());
        changes.push(Change { at, what, edit: Edit::MoveAfterNext });
    }
    let other = match Outcome::of(Some(own)) {
        Outcome::Dropped => Some((1, "kept".to_owned())),
        Outcome::Rate(rate) => {
            let double = rate.saturating_mul(2);
            Some((double, format!("kept 1 in {double}")))
        }
        Outcome::Sampler(_) => None,
    };
    if let Some((sample_rate, what)) = other {
        let spec = RuleSpec { sample_rate, drop: false, ..own.clone() };
        changes.push(Change { at, what, edit: Edit::Outcome(Box::new(spec)) });
    }
    changes.extend(rule.conditions().enumerate().map(|(place, condition)| Change {
        at: condition.span(),
        what: "deleted".to_owned(),
        edit: Edit::Without(place),
    }));
    changes
}

impl Change {
    /// All rules of the target with the change.
    pub fn rules(&self, rule: RuleAt<'_>) -> RulesSpec {
        let mut changed = rule.rules.clone();
        let (rules, number) = (&mut changed.rules, rule.number);
        match &self.edit {
            Edit::Delete => drop(rules.remove(number)),
            Edit::MoveAfterNext => rules.swap(number, number + 1),
            Edit::Outcome(spec) => rules[number] = Some((**spec).clone()),
            Edit::Without(place) => rules[number] = Some(without(rule.spec, *place)),
        }
        changed
    }
}

fn without(rule: &RuleSpec, place: usize) -> RuleSpec {
    let mut wider = rule.clone();
    if let Some(conditions) = &mut wider.conditions {
        conditions.remove(place);
    }
    wider
}
