//! A rule that only values reach that nobody means to send.

use super::and_not_or::two_values;
use crate::check;
use crate::checks::{ConditionAt, RuleAt, Subject, TargetAt};
use crate::diagnostic::Finding;
use crate::proof::Rare;

check!(
    RARE_VALUES,
    "rules/rare-values",
    Warning,
    "a rule is reached only where a field is NaN, infinite or an unsigned integer",
    "without a `Datatype` NaN is equal to every number, and an unsigned integer is compared with \
     none; no other values satisfy the rule's conditions without an earlier rule",
    "correct the values, or move the rule before those that take its traces",
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

look!(find);

/// As many places as one looks at.
const MOST_LABELS: usize = 5;

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let rare = subject.analyses().flat_map(|(target, analysis)| {
        analysis.rare.iter().filter_map(move |rare| report(target, rare))
    });
    rare.collect()
}

fn report(target: &TargetAt, rare: &Rare) -> Option<Finding> {
    let rule = target.rule(rare.rule)?;
    // Two values for one field are told by a check of their own.
    if rule.is_of_spans() && two_values(rule).is_some() {
        return None;
    }
    let message = format!("{} is reached only by NaN and other rare numbers", rule.name());
    let finding = Finding::new(&RARE_VALUES, message);
    let conditions: Vec<ConditionAt> =
        rare.conditions.iter().filter_map(|number| rule.condition(*number)).collect();
    if let Some((last, earlier)) = conditions.split_last() {
        let finding = finding
            .help("correct the values")
            .at_some(last.span(), "holds with the other only for such numbers");
        let others = earlier.iter().take(MOST_LABELS);
        return Some(others.fold(finding, |f, other| f.at_some(other.span(), "the other")));
    }
    let covering = rare.covered_by.iter().filter_map(|number| target.rule(*number));
    let finding = finding
        .help("move it before the rules that take its traces")
        .at_some(rule.span(), "reached only by such numbers");
    let covering: Vec<RuleAt> = covering.take(MOST_LABELS).collect();
    Some(covering.iter().fold(finding, |f, other| f.at_some(other.span(), "takes other traces")))
}
