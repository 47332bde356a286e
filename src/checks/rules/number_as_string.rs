//! A number compared as a string.

use crate::check;
use crate::checks::attributes::{Holds, holds, plain_name};
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;

check!(
    NUMBER_AS_STRING,
    "rules/number-as-string",
    Warning,
    "a field that holds numbers is compared with a string",
    "Without a `Datatype` a number neither equals nor differs from a string, so the condition \
     never matches numbers. With `Datatype: string` Refinery compares strings, and `9` sorts \
     after `10`.",
    "Write the number without quotes, with `Datatype: int` (`float` for durations).",
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
              Value: \"500\"
",
    change: "Value: \"500\"" => "\
Value: 500
              Datatype: int",
);

register!(find);

/// Their values differ in length, so string order differs from numeric order.
const UNEVEN: [&str; 3] = ["duration_ms", "http.request.body.size", "http.response.body.size"];

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.conditions().filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let text = condition.spec.value.text();
    text.parse::<f64>().ok()?;
    let is_text = matches!(condition.spec.value, Value::Text(_));
    let (why, is_wrong) = match &condition.spec.datatype[..] {
        "" => ("a string never equals a number", is_text && condition.has_operator(&ORDERED)),
        "string" => ("compared character by character", condition.has_operator(&ORDERED[2..])),
        _ => return None,
    };
    let is_known = |name: &str| match &condition.spec.datatype[..] {
        "" => holds(name) == Some(Holds::Number),
        _ => UNEVEN.contains(&name),
    };
    let (_, field) = condition.fields().find(|(_, name)| is_known(plain_name(name)))?;
    is_wrong.then(|| {
        Finding::new(
            &NUMBER_AS_STRING,
            format!("`{field}` is a number, but is compared with a string"),
        )
        .help(format!("write `Value: {text}` without quotes and add its `Datatype`"))
        .at_some(condition.value("Value"), why)
    })
}

const ORDERED: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];
