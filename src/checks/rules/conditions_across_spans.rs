//! Conditions of one rule that different spans may satisfy.

use crate::check;
use crate::checks::{CheckContext, ConditionAt, RuleAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::Predicate;

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
    let two_values =
        others.iter().find(|other| is_same(other) && exclude_each_other(*one, **other));
    if let Some(other) = two_values {
        let field = one.field_names();
        let message = format!("{} matches only if two spans differ in {field}", rule.name());
        let finding = Finding::new(&CONDITIONS_ACROSS_SPANS, message)
            .help("use `in` to match either value, or write `Scope: trace` if both are intended");
        return Some(label(finding, *one, *other));
    }
    let other = others.iter().find(|other| !is_same(other))?;
    let message = format!("different spans may satisfy the conditions of {}", rule.name());
    let finding = Finding::new(&CONDITIONS_ACROSS_SPANS, message)
        .help("add `Scope: span` to the rule, or `Scope: trace` if this is intended");
    Some(label(finding, *one, *other))
}

/// Whether no value of a field satisfies both, because one of them lists its values, or each wants
/// another beginning.
fn exclude_each_other(one: ConditionAt, other: ConditionAt) -> bool {
    if let (Some(start), Some(other)) = (beginning(one), beginning(other)) {
        return !start.starts_with(other) && !other.starts_with(start);
    }
    let is_list = |condition: &ConditionAt| condition.has_operator(&["=", "in"]);
    let (list, other) = if is_list(&one) { (one, other) } else { (other, one) };
    if !is_list(&list) {
        return false;
    }
    let [Ok(listed), Ok(test)] = [list, other].map(|condition| Predicate::new(condition.spec))
    else {
        return false;
    };
    let mut values = spellings(&list.spec.value);
    values.retain(|value| listed.holds(value, true));
    // Other checks report conditions that no value satisfies.
    !values.is_empty() && !values.iter().any(|value| test.holds(value, true))
}

fn beginning(condition: ConditionAt<'_>) -> Option<&str> {
    match &condition.spec.value {
        Value::Text(text) if condition.has_operator(&["starts-with"]) => Some(text),
        _ => None,
    }
}

/// The values of a list, each as every type that can equal it.
fn spellings(value: &Value) -> Vec<Value> {
    let items = if let Value::List(items) = value { items } else { std::slice::from_ref(value) };
    let of_item = |item: &Value| {
        let text = item.text().into_owned();
        let numbers = text.parse().map(Value::Int).into_iter();
        let numbers = numbers.chain(text.parse().map(Value::Float));
        let other = numbers.chain(text.parse().map(Value::Bool)).collect::<Vec<_>>();
        [item.clone(), Value::Text(text)].into_iter().chain(other)
    };
    items.iter().flat_map(of_item).collect()
}

fn label(finding: Finding, one: ConditionAt, other: ConditionAt) -> Finding {
    finding.at_some(other.span(), "satisfied by one span").at_some(one.span(), "and by another")
}

/// Conditions compared in one rule; bounds the time.
const MAX: usize = 20;
