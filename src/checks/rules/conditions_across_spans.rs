//! Conditions of one rule that different spans may satisfy.

use crate::check;
use crate::checks::{CheckContext, ConditionAt, RuleAt};
use crate::diagnostic::Finding;

check!(
    CONDITIONS_ACROSS_SPANS,
    "rules/conditions-across-spans",
    Note,
    "without a `Scope`, different spans may satisfy the conditions of a rule",
    "The default `Scope: trace` looks for each condition in all spans. A trace with one span of \
     the service and a failed span of another service satisfies a rule about failures of the \
     service. Write `Scope: trace` if this is what you mean.",
    "Add `Scope: span`, so that one span must match all conditions.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep failed checkouts
          SampleRate: 1
          Conditions:
            - Field: service.name
              Operator: \"=\"
              Value: checkout
            - Field: http.status_code
              Operator: \">=\"
              Value: 500
              Datatype: int
",
    change: "SampleRate: 1" => "\
SampleRate: 1
          Scope: span",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let unscoped = context.rules().filter(|rule| rule.spec.scope.is_empty());
    unscoped.filter_map(report).collect()
}

/// Operators that a span satisfies by having a certain value.
const POSITIVE: [&str; 10] =
    ["=", "<", "<=", ">", ">=", "in", "starts-with", "contains", "matches", "exists"];

/// A range is reported by `rules/range-across-spans`, a negation by
/// `rules/negation-matches-any-span`.
fn report(rule: RuleAt) -> Option<Finding> {
    let of_spans = rule.conditions().filter(|condition| !condition.tests_root());
    let positive: Vec<ConditionAt> =
        of_spans.filter(|condition| condition.has_operator(&POSITIVE)).take(MAX).collect();
    let (one, others) = positive.split_first()?;
    let is_same = |other: &&ConditionAt| other.fields().eq(one.fields());
    let two_values = others.iter().find(|other| {
        let is_equal = one.has_operator(&["="]) && other.has_operator(&["="]);
        is_same(other) && is_equal && one.spec.value != other.spec.value
    });
    if let Some(other) = two_values {
        let field = one.field_names();
        let message = format!("{} matches only if two spans differ in {field}", rule.name());
        let finding = Finding::new(&CONDITIONS_ACROSS_SPANS, message)
            .help("use `in` for any of the values, or write `Scope: trace` if you mean both");
        return Some(label(finding, *one, *other));
    }
    let other = others.iter().find(|other| !is_same(other))?;
    let message = format!("different spans may satisfy the conditions of {}", rule.name());
    let finding = Finding::new(&CONDITIONS_ACROSS_SPANS, message)
        .help("add `Scope: span` to the rule, or `Scope: trace` if this is what you mean");
    Some(label(finding, *one, *other))
}

fn label(finding: Finding, one: ConditionAt, other: ConditionAt) -> Finding {
    finding.at_some(other.span(), "satisfied by one span").at_some(one.span(), "and by another")
}

/// Conditions compared in one rule; bounds the time.
const MAX: usize = 20;
