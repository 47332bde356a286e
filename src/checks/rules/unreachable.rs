//! A rule that an earlier one leaves no trace to, with another outcome.

use crate::check;
use crate::checks::logic::Logic;
use crate::checks::{RuleAt, Subject};
use crate::diagnostic::Finding;

check!(
    UNREACHABLE,
    "rules/unreachable",
    Warning,
    "a rule is never reached: an earlier one takes every trace that matches it",
    "the first rule that a trace matches decides, and the engine says nothing of rules that can no \
     longer be reached",
    "move the rule before the one that takes its traces, or make the earlier one narrower; a rule \
     without conditions belongs at the end",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: the rest
          SampleRate: 10
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: error
              Operator: exists
",
    change: "\
- Name: the rest
          SampleRate: 10
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: error
              Operator: exists" => "\
- Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: error
              Operator: exists
        - Name: the rest
          SampleRate: 10",
);

look!(find);

/// As many places as one looks at.
const MOST_LABELS: usize = 5;

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let logics = subject.targets().iter().map(|target| Logic::new(subject, target));
    let shadows = logics.flat_map(|logic| logic.shadows());
    shadows.filter_map(|(rule, taken)| report(rule, &taken)).collect()
}

fn report(rule: RuleAt, taken: &[RuleAt]) -> Option<Finding> {
    let bent: Vec<_> = taken.iter().filter(|other| !other.decides_as(rule)).collect();
    let first = bent.first()?;
    let message = match bent.len() - 1 {
        0 => format!("{} is never reached", first.name()),
        1 => format!("{} and one more rule are never reached", first.name()),
        more => format!("{} and {more} more rules are never reached", first.name()),
    };
    let told = bent.iter().take(MOST_LABELS);
    let finding = told.fold(Finding::new(&UNREACHABLE, message), |finding, other| {
        finding.at_some(other.span(), "never reached")
    });
    let help = if rule.spec.conditions.is_none() {
        format!("move {} behind the others", rule.name())
    } else {
        format!("move it before {}, or make that one narrower", rule.name())
    };
    Some(finding.at_some(rule.span(), "every trace that matches stops here").help(help))
}
