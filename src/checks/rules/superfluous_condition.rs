//! A condition that another of its rule makes idle.

use crate::check;
use crate::checks::{ConditionAt, Subject, TargetAt};
use crate::diagnostic::Finding;
use crate::proof::Redundant;

check!(
    SUPERFLUOUS_CONDITION,
    "rules/superfluous-condition",
    Note,
    "a condition adds nothing: it holds wherever others of its rule do",
    "all conditions of a rule must hold, so that a weaker one beside a stronger one decides \
     nothing; often its value or its operator is not the one meant",
    "leave the condition out, or correct its value or operator",
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

look!(find);

/// As many places as one looks at.
const MOST_LABELS: usize = 5;

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let redundant = subject.analyses().flat_map(|(target, analysis)| {
        analysis.redundant.iter().filter_map(move |redundant| report(target, redundant))
    });
    redundant.collect()
}

fn report(target: &TargetAt, redundant: &Redundant) -> Option<Finding> {
    let rule = target.rule(redundant.rule)?;
    let condition = rule.condition(redundant.condition)?;
    let because: Vec<ConditionAt> =
        redundant.because.iter().filter_map(|number| rule.condition(*number)).collect();
    // That there is a field or a root before it is compared is often said for the reader, and a rule
    // whose one condition always holds is meant for the rest.
    let is_repeated = because.iter().any(|other| other.spec == condition.spec);
    let is_said_for_the_reader = condition.has_operator(&["exists", "has-root-span"]);
    let is_for_the_rest = rule.conditions().count() == 1;
    if is_for_the_rest || (is_said_for_the_reader && !is_repeated) {
        return None;
    }
    let label = match because.len() {
        0 => "holds for every trace",
        1 => "holds wherever the other does",
        _ => "holds wherever the others do",
    };
    let finding = Finding::new(
        &SUPERFLUOUS_CONDITION,
        format!("a condition of {} adds nothing", rule.name()),
    )
    .help("leave it out, or correct its value or operator")
    .at_some(condition.span(), label);
    let others = because.iter().take(MOST_LABELS);
    Some(others.fold(finding, |finding, other| finding.at_some(other.span(), "the other")))
}
