//! A condition that other conditions of its rule imply.

use crate::check;
use crate::checks::{CheckContext, ConditionAt, TargetAt};
use crate::diagnostic::Finding;
use crate::proof::Redundant;

check!(
    REDUNDANT_CONDITION,
    "rules/redundant-condition",
    Note,
    "a condition is redundant: the other conditions of the rule imply it",
    "All conditions of a rule must match, so a weaker condition next to a stronger one has no \
     effect. Often its value or operator is wrong.",
    "Remove the condition, or correct its value or operator.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: http.status_code
              Operator: \">=\"
              Value: 400
              Datatype: int
            - Field: http.status_code
              Operator: \">=\"
              Value: 500
              Datatype: int
",
    change: "\
Operator: \">=\"
              Value: 400
              Datatype: int
            - Field: http.status_code
              Operator: \">=\"" => "Operator: \">=\"",
);

register!(find);

/// Labels in one finding; more would not be read.
const MAX_LABELS: usize = 5;

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let redundant = context.analyses().flat_map(|(target, analysis)| {
        analysis.redundant.iter().filter_map(move |redundant| report(target, redundant))
    });
    redundant.collect()
}

fn report(target: &TargetAt, redundant: &Redundant) -> Option<Finding> {
    let rule = target.rule(redundant.rule)?;
    let condition = rule.condition(redundant.condition)?;
    let because: Vec<ConditionAt> =
        redundant.because.iter().filter_map(|number| rule.condition(*number)).collect();
    // An explicit test that a field or root span exists is often there for the reader, and a rule
    // whose only condition always matches is a catch-all.
    let is_repeated = because.iter().any(|other| other.spec == condition.spec);
    let is_explicit_test = condition.has_operator(&["exists", "has-root-span"]);
    let is_catch_all = rule.conditions().count() == 1;
    if is_catch_all || (is_explicit_test && !is_repeated) {
        return None;
    }
    let label = match because.len() {
        0 => "matches every trace",
        1 => "implied by the other condition",
        _ => "implied by the other conditions",
    };
    let finding =
        Finding::new(&REDUNDANT_CONDITION, format!("a condition of {} is redundant", rule.name()))
            .help("remove it, or correct its value or operator")
            .at_some(condition.span(), label);
    let others = because.iter().take(MAX_LABELS);
    Some(
        others.fold(finding, |finding, other| finding.at_some(other.span(), "the other condition")),
    )
}
