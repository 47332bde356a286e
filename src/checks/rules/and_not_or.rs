//! One field, two values, one span.

use crate::check;
use crate::checks::{ConditionAt, RuleAt, Subject};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::convert::to_float;

check!(
    AND_NOT_OR,
    "rules/and-not-or",
    Warning,
    "one span is asked to have two values in one field",
    "all conditions of a rule must hold, and in the scope `span` for one span; but for a NaN, \
     which equals every number where no `Datatype` is written, none can have both values",
    "write `in` with both values, or two rules",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep bad gateways
          SampleRate: 1
          Scope: span
          Conditions:
            - Field: http.status_code
              Operator: \"=\"
              Value: 502
            - Field: http.status_code
              Operator: \"=\"
              Value: 503
",
    change: "\
Operator: \"=\"
              Value: 502
            - Field: http.status_code
              Operator: \"=\"
              Value: 503" => "\
Operator: in
              Value: [502, 503]
              Datatype: int",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    subject.rules().filter(|rule| rule.is_of_spans()).filter_map(report).collect()
}

/// Of other types it is proved that no trace matches, and told by that check.
fn report(rule: RuleAt) -> Option<Finding> {
    let (one, other) = two_values(rule)?;
    let message = format!("no number in {} is equal to both values", one.about());
    let finding =
        Finding::new(&AND_NOT_OR, message).help("write `in` with both values, or two rules");
    Some(finding.at_some(other.span(), "must hold too").at_some(one.span(), "must hold"))
}

/// Two conditions that ask for different numbers in one field.
pub(super) fn two_values(rule: RuleAt) -> Option<(ConditionAt, ConditionAt)> {
    let is_number = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_));
    let equal = rule.conditions().filter(|condition| {
        let is_untyped = condition.spec.datatype.is_empty();
        is_untyped && condition.has_operator(&["="]) && is_number(&condition.spec.value)
    });
    let equal: Vec<ConditionAt> = equal.take(MOST).collect();
    let (one, other) = equal.iter().enumerate().find_map(|(n, one)| {
        let differs = |other: &&ConditionAt| {
            let values = [one, *other].map(|condition| to_float(&condition.spec.value));
            one.fields().eq(other.fields()) && values[0] != values[1]
        };
        Some((one, equal.iter().skip(n + 1).find(differs)?))
    })?;
    Some((*one, *other))
}

/// As many as one writes.
const MOST: usize = 20;
