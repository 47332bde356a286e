//! Two different values required of one field in one span.

use crate::check;
use crate::checks::{CheckContext, ConditionAt, RuleAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::convert::to_float;

check!(
    CONTRADICTORY_VALUES,
    "rules/contradictory-values",
    Warning,
    "one span is required to have two different values in one field",
    "All conditions of a rule must match, and with `Scope: span` they must match the same span. \
     Only NaN, which equals every number when `Datatype` is missing, matches both values.",
    "Use `in` with both values, or two rules.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.rules().filter(|rule| rule.has_span_scope()).filter_map(report).collect()
}

/// For other types `rules/unsatisfiable-rule` proves that no trace matches.
fn report(rule: RuleAt) -> Option<Finding> {
    let (one, other) = two_values(rule)?;
    let message = format!("no number in {} equals both values", one.field_names());
    let finding = Finding::new(&CONTRADICTORY_VALUES, message)
        .help("use `in` with both values, or two rules");
    Some(finding.at_some(other.span(), "must match too").at_some(one.span(), "must match"))
}

/// Two conditions that require different numbers in one field.
pub(super) fn two_values(rule: RuleAt) -> Option<(ConditionAt, ConditionAt)> {
    let is_number = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_));
    let equal = rule.conditions().filter(|condition| {
        let is_untyped = condition.spec.datatype.is_empty();
        is_untyped && condition.has_operator(&["="]) && is_number(&condition.spec.value)
    });
    let equal: Vec<ConditionAt> = equal.take(MAX).collect();
    let (one, other) = equal.iter().enumerate().find_map(|(n, one)| {
        let differs = |other: &&ConditionAt| {
            let values = [one, *other].map(|condition| to_float(&condition.spec.value));
            one.fields().eq(other.fields()) && values[0] != values[1]
        };
        Some((one, equal.iter().skip(n + 1).find(differs)?))
    })?;
    Some((*one, *other))
}

/// Conditions compared in one rule; bounds the pairs.
const MAX: usize = 20;
