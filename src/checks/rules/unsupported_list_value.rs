//! Values that `in` and `not-in` do not support.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::Predicate;

check!(
    UNSUPPORTED_LIST_VALUE,
    "rules/unsupported-list-value",
    Error,
    "`in` or `not-in` with unsupported values never matches, and neither does its rule",
    "Both operators support strings and numbers. For booleans, null or `Datatype: bool` Refinery \
     ignores its own error and the condition fails, even with `not-in`.",
    "Use `=` or `!=` for a boolean, or list strings or numbers.",
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
              Operator: in
              Value: [true]
              Datatype: bool
",
    change: "\
Operator: in
              Value: [true]" => "\
Operator: \"=\"
              Value: true",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let lists = context.conditions().filter(|condition| condition.has_operator(&["in", "not-in"]));
    let unusable = lists.filter(|list| matches!(Predicate::new(list.spec), Ok(Predicate::Never)));
    unusable.map(report).collect()
}

fn report(condition: ConditionAt) -> Finding {
    let rule = condition.rule.name();
    let operator = &condition.spec.operator;
    let message = format!("{rule} never matches: `{operator}` does not support this value");
    let (key, text) = match (&condition.spec.datatype[..], &condition.spec.value) {
        ("bool", _) => ("Datatype", "expected strings or numbers"),
        (_, Value::Null) => ("Operator", "`Value` is missing"),
        _ => ("Value", "not a list, string or number"),
    };
    Finding::new(&UNSUPPORTED_LIST_VALUE, message)
        .help("use `=` or `!=` for a boolean, or list strings or numbers")
        .at_some(condition.value(key), text)
}
