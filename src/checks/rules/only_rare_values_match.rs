//! A rule that only unusual values can reach.

use super::contradictory_values::two_values;
use crate::check;
use crate::checks::{CheckContext, ConditionAt, RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::proof::Rare;

check!(
    ONLY_RARE_VALUES_MATCH,
    "rules/only-rare-values-match",
    Warning,
    "only NaN, infinite, unsigned or other rare values can match this rule",
    "Without a `Datatype`, NaN equals every number. Unsigned integers, and the 32-bit floats, times \
     and extensions of msgpack, are compared with no number or string. No other value both satisfies \
     the conditions of the rule and escapes all earlier rules.",
    "Correct the values, or move the rule before those that shadow it.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep client errors
          SampleRate: 1
          Scope: span
          Conditions:
            - Field: http.status_code
              Operator: \">=\"
              Value: 500
            - Field: http.status_code
              Operator: <=
              Value: 400
",
    change: "\
Operator: \">=\"
              Value: 500
            - Field: http.status_code
              Operator: <=
              Value: 400" => "\
Operator: \">=\"
              Value: 400
            - Field: http.status_code
              Operator: <=
              Value: 499",
);

register!(find);

/// Labels in one finding; more would not be read.
const MAX_LABELS: usize = 5;

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let rare = context.analyses().flat_map(|(target, analysis)| {
        analysis.rare.iter().filter_map(move |rare| report(target, rare))
    });
    rare.collect()
}

fn report(target: &TargetAt, rare: &Rare) -> Option<Finding> {
    let rule = target.rule(rare.rule)?;
    // `rules/contradictory-values` reports two values for one field.
    if rule.has_span_scope() && two_values(rule).is_some() {
        return None;
    }
    let message = format!("only NaN and other rare values reach {}", rule.name());
    let finding = Finding::new(&ONLY_RARE_VALUES_MATCH, message);
    let conditions: Vec<ConditionAt> =
        rare.conditions.iter().filter_map(|number| rule.condition(*number)).collect();
    if let Some((last, earlier)) = conditions.split_last() {
        let finding = finding
            .help("correct the values")
            .at_some(last.span(), "matches together only for rare values");
        let others = earlier.iter().take(MAX_LABELS);
        return Some(
            others.fold(finding, |f, other| f.at_some(other.span(), "the other condition")),
        );
    }
    let covering = rare.covered_by.iter().filter_map(|number| target.rule(*number));
    let finding = finding
        .help("move it before the rules that shadow it")
        .at_some(rule.span(), "only reached by rare values");
    let covering: Vec<RuleAt> = covering.take(MAX_LABELS).collect();
    Some(
        covering
            .iter()
            .fold(finding, |f, other| f.at_some(other.span(), "matches all other traces")),
    )
}
