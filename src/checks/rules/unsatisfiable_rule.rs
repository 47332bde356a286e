//! A rule that no trace can match.

use crate::check;
use crate::checks::{CheckContext, ConditionAt, RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::Predicate;
use crate::proof::{Analysis, Reachability};

check!(
    UNSATISFIABLE_RULE,
    "rules/unsatisfiable-rule",
    Error,
    "no trace can match this rule",
    "All conditions of a rule must match, and with `Scope: span` they must match the same span. \
     If that is impossible, Refinery silently goes on to the next rule.",
    "Split it into two rules if either condition is enough, use `in` for several values, or \
     correct the value.",
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
              Datatype: int
            - Field: http.status_code
              Operator: \"=\"
              Value: 503
              Datatype: int
",
    change: "\
Operator: \"=\"
              Value: 502
              Datatype: int
            - Field: http.status_code
              Operator: \"=\"
              Value: 503" => "\
Operator: in
              Value: [502, 503]",
);

register!(find);

/// Labels in one finding; more would not be read.
const MAX_LABELS: usize = 5;

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let reports = context.analyses().flat_map(|(target, analysis)| report(target, analysis));
    reports.collect()
}

fn report(target: &TargetAt, analysis: &Analysis) -> Vec<Finding> {
    let results = analysis.rules.iter().enumerate();
    let unsatisfiable = results.filter_map(|(number, reachability)| match reachability {
        Reachability::Unsatisfiable(conditions) => {
            let rule = target.rule(number)?;
            let conditions: Vec<_> =
                conditions.iter().filter_map(|number| rule.condition(*number)).collect();
            report_rule(rule, &conditions)
        }
        _ => None,
    });
    unsatisfiable.collect()
}

fn report_rule(rule: RuleAt, conditions: &[ConditionAt]) -> Option<Finding> {
    let finding = Finding::new(&UNSATISFIABLE_RULE, format!("no trace can match {}", rule.name()));
    let (last, earlier) = conditions.split_last()?;
    if earlier.is_empty() {
        let finding = finding.help("correct the value").at_some(last.span(), "matches no span");
        return (!is_reported_elsewhere(*last)).then_some(finding);
    }
    let label = match earlier.len() {
        1 => "conflicts with the other condition",
        _ => "conflicts with the other conditions",
    };
    let finding = finding
        .help("split it into two rules if either is enough, or use `in` for several values")
        .at_some(last.span(), label);
    let others = earlier.iter().take(MAX_LABELS);
    Some(
        others.fold(finding, |finding, other| finding.at_some(other.span(), "the other condition")),
    )
}

/// Other checks report values that an operator cannot use and conditions without a field.
fn is_reported_elsewhere(condition: ConditionAt) -> bool {
    let has_no_field = condition.fields().next().is_none();
    let is_unusable = matches!(Predicate::new(condition.spec), Ok(Predicate::Never));
    let is_list = matches!(condition.spec.value, Value::List(_));
    has_no_field || is_unusable || (is_list && !condition.has_operator(&["in", "not-in"]))
}
