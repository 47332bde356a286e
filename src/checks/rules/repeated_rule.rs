//! A rule that an earlier one leaves no trace to, with the same outcome.

use crate::check;
use crate::checks::logic::Logic;
use crate::checks::{RuleAt, Subject};
use crate::diagnostic::Finding;

check!(
    REPEATED_RULE,
    "rules/repeated-rule",
    Note,
    "a rule changes nothing: an earlier one does the same with every trace that matches it",
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

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let logics = subject.targets().iter().map(|target| Logic::new(subject, target));
    let shadows = logics.flat_map(|logic| logic.shadows());
    shadows.flat_map(|(rule, taken)| report(rule, &taken)).collect()
}

fn report(rule: RuleAt, taken: &[RuleAt]) -> Vec<Finding> {
    let repeated = taken.iter().filter(|other| other.decides_as(rule));
    repeated
        .map(|other| {
            let message = format!("{} changes nothing", other.name());
            Finding::new(&REPEATED_RULE, message)
                .help("leave it out, or check its conditions")
                .at_some(other.span(), "never reached")
                .at_some(rule.span(), "takes all its traces, to the same end")
        })
        .collect()
}
