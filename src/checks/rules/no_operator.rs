//! A condition without an operator.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    NO_OPERATOR,
    "rules/no-operator",
    Error,
    "a condition without an operator never holds, and its rule never matches",
    "the validator asks for no operator, and the engine forgets its own complaint about the empty \
     one; all conditions of a rule must hold, so the rule is dead",
    "write the operator: `exists`, or the comparison that is meant",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: error
",
    change: "- Field: error" => "\
- Field: error
              Operator: exists",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let silent = subject.conditions().filter(|condition| condition.has_operator(&[""]));
    silent
        .map(|condition| {
            let rule = condition.rule.name();
            Finding::new(&NO_OPERATOR, format!("{rule} never matches: a condition has no operator"))
                .help("write `Operator: exists`, or the comparison that is meant")
                .at_some(condition.span(), "no `Operator`")
        })
        .collect()
}
