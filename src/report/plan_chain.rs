//! The decision chain of a target: its rules in order, for pictures.

use super::plan_text::percent;
use crate::engine::spec::{RuleSpec, Target};
use crate::plan::{Decider, Meaning, Outcome, TargetPlan};
use crate::traces::wording;
use std::collections::BTreeSet;

/// The decision chain of a target after the change.
pub struct Chain {
    pub steps: Vec<Step>,
}

/// A rule, or what happens if no rule matches.
pub struct Step {
    pub name: String,
    /// One text for each condition; empty if every trace matches.
    pub conditions: Vec<String>,
    pub outcome: Outcome,
    /// The share of the traces that it decides, if traffic was given.
    pub share: Option<f64>,
    /// Whether it decides other traces than before, or in another way.
    pub is_changed: bool,
}

impl Chain {
    pub fn of(target: &TargetPlan) -> Self {
        let changed: BTreeSet<Option<usize>> = match &target.meaning {
            Meaning::Different { differences, .. } => {
                differences.iter().map(|difference| difference.deciders[1].rule).collect()
            }
            _ => BTreeSet::new(),
        };
        let spec = &target.specs[1];
        let step = |rule: Option<usize>, conditions| {
            let Decider { name, outcome, .. } = target.decider(1, rule);
            let traffic = target.traffic.as_ref();
            #[expect(clippy::cast_precision_loss, reason = "shares are rounded")]
            let share =
                traffic.map(|traffic| traffic.all.share(traffic.of_rule(1, rule).traces as f64));
            let is_changed = changed.contains(&rule);
            Step { name: name.replace('`', ""), conditions, outcome, share, is_changed }
        };
        let Target::Rules(rules) = spec else {
            return Self { steps: vec![step(None, Vec::new())] };
        };
        let mut steps = Vec::new();
        for (number, rule) in rules.rules.iter().enumerate() {
            let conditions = rule.as_ref().map(conditions).unwrap_or_default();
            let is_last = rule.as_ref().is_some_and(matches_all);
            steps.push(step(Some(number), conditions));
            if is_last {
                return Self { steps };
            }
        }
        steps.push(step(None, Vec::new()));
        Self { steps }
    }
}

impl Step {
    /// `12.0% of the traces`.
    pub fn share_text(&self) -> Option<String> {
        self.share.map(percent)
    }
}

/// Whether later rules are never reached, because every trace matches.
fn matches_all(rule: &RuleSpec) -> bool {
    rule.conditions.as_ref().is_none_or(Vec::is_empty)
}

fn conditions(rule: &RuleSpec) -> Vec<String> {
    let written = rule.conditions.iter().flatten().flatten();
    written.map(|condition| wording(condition).replace('`', "")).collect()
}
