//! A condition without an operator.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    CONDITION_WITHOUT_OPERATOR,
    "rules/condition-without-operator",
    Error,
    "a condition without `Operator` never matches, and neither does its rule",
    "Refinery's validator does not require an operator, and Refinery ignores its own error about \
     the missing one. All conditions of a rule must match, so the rule never does.",
    "Add `Operator`, such as `exists`.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let silent = context.conditions().filter(|condition| condition.has_operator(&[""]));
    silent
        .map(|condition| {
            let rule = condition.rule.name();
            Finding::new(
                &CONDITION_WITHOUT_OPERATOR,
                format!("{rule} never matches: a condition has no `Operator`"),
            )
            .help("add `Operator: exists`, or another operator")
            .at_some(condition.span(), "`Operator` is missing")
        })
        .collect()
}
