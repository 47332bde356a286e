//! A list with an operator that compares single values.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::engine::Value;

check!(
    LIST_WITHOUT_IN,
    "rules/list-without-in",
    Error,
    "a list is compared as one value: `=` never matches, and `!=` is meaningless",
    "Only `in` and `not-in` look inside a list. Other operators compare the whole list, which as \
     a string reads `[a b]`.",
    "Use `in` instead of `=` and `not-in` instead of `!=`; for other operators, add one condition \
     or rule per value.",
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
              Operator: \"=\"
              Value: [502, 503]
              Datatype: int
",
    change: "Operator: \"=\"" => "Operator: in",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let lists = context.conditions().filter(|condition| {
        let knows_lists = ["in", "not-in", "exists", "not-exists", ""];
        matches!(condition.spec.value, Value::List(_)) && !condition.has_operator(&knows_lists)
    });
    lists
        .map(|condition| {
            let operator = &condition.spec.operator;
            let help = match operator.as_str() {
                "=" => "use `in`",
                "!=" => "use `not-in`",
                _ => "add one condition or rule per value",
            };
            Finding::new(
                &LIST_WITHOUT_IN,
                format!("`{operator}` compares the whole list as one value"),
            )
            .help(help)
            .at_some(condition.value("Value"), format!("compared as `{}`", condition.spec.value))
        })
        .collect()
}
