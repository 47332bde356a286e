//! A rule that an earlier one leaves no trace to, with the same outcome.

use crate::check;
use crate::checks::{RuleAt, Subject, TargetAt};
use crate::diagnostic::Finding;
use crate::proof::{Analysis, Fate};

check!(
    REPEATED_RULE,
    "rules/repeated-rule",
    Note,
    "a rule changes nothing: earlier ones do the same with every trace that matches it",
    "the first rule that a trace matches decides; what this rule would take is taken before, to \
     the same end",
    "leave the rule out, or check whether its conditions say what is meant",
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

look!(find);

/// As many places as one looks at.
const MOST_LABELS: usize = 5;

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let reports = subject.analyses().flat_map(|(target, analysis)| report(target, analysis));
    reports.collect()
}

fn report(target: &TargetAt, analysis: &Analysis) -> Vec<Finding> {
    let fates = analysis.rules.iter().enumerate();
    let covered = fates.filter_map(|(number, fate)| match fate {
        Fate::Covered(by) => {
            let by: Vec<RuleAt> = by.iter().filter_map(|number| target.rule(*number)).collect();
            Some((target.rule(number)?, by))
        }
        _ => None,
    });
    let repeated = covered.filter(|(rule, by)| by.iter().all(|other| other.decides_as(*rule)));
    repeated.map(|(rule, by)| report_rule(rule, &by)).collect()
}

fn report_rule(rule: RuleAt, by: &[RuleAt]) -> Finding {
    let finding = Finding::new(&REPEATED_RULE, format!("{} changes nothing", rule.name()))
        .help("leave it out, or check its conditions")
        .at_some(rule.span(), "never reached");
    let label = if by.len() == 1 {
        "takes all its traces, to the same end"
    } else {
        "takes some of its traces, to the same end"
    };
    let covering = by.iter().take(MOST_LABELS);
    covering.fold(finding, |finding, other| finding.at_some(other.span(), label))
}
