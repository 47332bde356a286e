//! A condition without a value.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::engine::Value;

check!(
    CONDITION_WITHOUT_VALUE,
    "rules/condition-without-value",
    Warning,
    "a condition has no `Value`, but its operator needs one",
    "Refinery compares with null: `=` matches no field that has a value, `!=` matches every \
     field, and string operators compare with `<nil>`.",
    "Add `Value`, or use `exists` or `not-exists` to test whether the field is present.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Scope: span
          Conditions:
            - Field: error
              Operator: \"!=\"
",
    change: "Operator: \"!=\"" => "Operator: exists",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    // `rules/unsupported-list-value` and `rules/non-boolean-value` report the others.
    let content = ["", "exists", "not-exists", "has-root-span", "in", "not-in"];
    let empty = context.conditions().filter(|condition| {
        condition.spec.value == Value::Null && !condition.has_operator(&content)
    });
    empty
        .map(|condition| {
            let rule = condition.rule.name();
            Finding::new(&CONDITION_WITHOUT_VALUE, format!("a condition of {rule} has no `Value`"))
                .help("add `Value`, or use `exists` or `not-exists`")
                .at_some(condition.value("Operator"), "needs a `Value`")
        })
        .collect()
}
