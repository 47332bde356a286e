//! A condition that another of its rule makes idle.

use crate::check;
use crate::checks::Subject;
use crate::checks::logic::Logic;
use crate::diagnostic::Finding;

check!(
    SUPERFLUOUS_CONDITION,
    "rules/superfluous-condition",
    Note,
    "a condition adds nothing: it holds wherever another one of its rule does",
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

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let logics = subject.targets().iter().map(|target| Logic::new(subject, target));
    let idle = logics.flat_map(|logic| logic.superfluous());
    // That a field is there before it is compared is often said for the reader.
    let unmeant = idle.filter(|(idle, by)| idle.spec == by.spec || !idle.has_operator(&["exists"]));
    unmeant
        .map(|(idle, by)| {
            let message = format!("a condition of {} adds nothing", idle.rule.name());
            Finding::new(&SUPERFLUOUS_CONDITION, message)
                .help("leave it out, or correct its value or operator")
                .at_some(idle.span(), "holds wherever the other does")
                .at_some(by.span(), "the other")
        })
        .collect()
}
