//! A list where one value is compared.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::engine::Value;

check!(
    LIST_COMPARED,
    "rules/list-compared",
    Error,
    "a list is compared as one value: `=` never holds, and `!=` says nothing",
    "only `in` and `not-in` look into a list; other operators take it for one value, which as a \
     text is `[a b]`",
    "write `in` for `=` and `not-in` for `!=`; for other operators one condition or rule for each \
     value",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let lists = subject.conditions().filter(|condition| {
        let knows_lists = ["in", "not-in", "exists", "not-exists", ""];
        matches!(condition.spec.value, Value::List(_)) && !condition.has_operator(&knows_lists)
    });
    lists
        .map(|condition| {
            let operator = &condition.spec.operator;
            let help = match operator.as_str() {
                "=" => "write `in`",
                "!=" => "write `not-in`",
                _ => "write a condition or a rule for each value",
            };
            Finding::new(&LIST_COMPARED, format!("`{operator}` takes the whole list for one value"))
                .help(help)
                .at_some(
                    condition.value("Value"),
                    format!("compared as `{}`", condition.spec.value),
                )
        })
        .collect()
}
