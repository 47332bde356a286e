//! A rule shadowed by earlier ones with the same outcome.

use crate::check;
use crate::checks::{CheckContext, RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::proof::{Analysis, Reachability};

check!(
    REDUNDANT_RULE,
    "rules/redundant-rule",
    Note,
    "a rule is redundant: earlier rules do the same with every trace it matches",
    "The first rule that matches decides. Earlier rules already match every trace that this rule \
     would, with the same outcome.",
    "Remove the rule, or check its conditions.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep failures
          SampleRate: 1
          Conditions:
            - Field: http.status_code
              Operator: \">=\"
              Value: 400
              Datatype: int
        - Name: keep server errors
          SampleRate: 1
          Conditions:
            - Field: http.status_code
              Operator: \">=\"
              Value: 500
              Datatype: int
",
    change: "\
Datatype: int
        - Name: keep server errors
          SampleRate: 1
          Conditions:
            - Field: http.status_code
              Operator: \">=\"
              Value: 500
              Datatype: int" => "Datatype: int",
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
    let covered = results.filter_map(|(number, reachability)| match reachability {
        Reachability::Shadowed(by) => {
            let by: Vec<RuleAt> = by.iter().filter_map(|number| target.rule(*number)).collect();
            Some((target.rule(number)?, by))
        }
        _ => None,
    });
    let repeated =
        covered.filter(|(rule, by)| by.iter().all(|other| other.has_same_outcome_as(*rule)));
    repeated.map(|(rule, by)| report_rule(rule, &by)).collect()
}

fn report_rule(rule: RuleAt, by: &[RuleAt]) -> Finding {
    let finding = Finding::new(&REDUNDANT_RULE, format!("{} is redundant", rule.name()))
        .help("remove it, or check its conditions")
        .at_some(rule.span(), "never reached");
    let label = if by.len() == 1 {
        "matches all its traces, with the same outcome"
    } else {
        "matches some of its traces, with the same outcome"
    };
    let covering = by.iter().take(MAX_LABELS);
    covering.fold(finding, |finding, other| finding.at_some(other.span(), label))
}
