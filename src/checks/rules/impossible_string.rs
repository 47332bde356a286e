//! A string in a field that holds numbers, booleans or another spelling.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::key_fields::ROOT_PREFIX;

check!(
    IMPOSSIBLE_STRING,
    "rules/impossible-string",
    Warning,
    "a field is compared with a string that it never holds",
    "In OpenTelemetry spans, `status_code` is a number, `error` is a boolean and `span.kind` is \
     lower case. Without a `Datatype`, only a string equals a string.",
    "Use the value that spans have.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: status_code
              Operator: \"=\"
              Value: ERROR
",
    change: "ERROR" => "2",
);

register!(find);

/// Field names, a wrong value, and the value that spans have.
const WORDS: [(&[&str], &str, &str); 12] = [
    (&["status_code", "status.code"], "UNSET", "0"),
    (&["status_code", "status.code"], "OK", "1"),
    (&["status_code", "status.code"], "ERROR", "2"),
    (&["status_code", "status.code"], "STATUS_CODE_ERROR", "2"),
    (&["error"], "true", "true"),
    (&["error"], "false", "false"),
    (&["span.kind"], "SERVER", "server"),
    (&["span.kind"], "CLIENT", "client"),
    (&["span.kind"], "INTERNAL", "internal"),
    (&["span.kind"], "PRODUCER", "producer"),
    (&["span.kind"], "CONSUMER", "consumer"),
    (&["span.kind"], "SPAN_KIND_SERVER", "server"),
];

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.conditions().filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let Value::Text(word) = &condition.spec.value else { return None };
    let is_compared = condition.has_operator(&["=", "!="]);
    // Converted to a `Datatype`, both spellings are the same.
    let is_boolean = ["true", "false"].contains(&word.as_str());
    let is_converted = is_boolean && !condition.spec.datatype.is_empty();
    if !is_compared || is_converted {
        return None;
    }
    let is_meant = |(fields, wrong, _): &&(&[&str], &str, &str)| {
        let plain = |name: &str| name.strip_prefix(ROOT_PREFIX).unwrap_or(name).to_owned();
        word == wrong && condition.fields().any(|(_, name)| fields.contains(&&*plain(&name)))
    };
    let (_, _, right) = WORDS.iter().find(is_meant)?;
    let message = format!("{} never holds the string `{word}`", condition.field_names());
    let quotes = if is_boolean { " without quotes" } else { "" };
    Some(
        Finding::new(&IMPOSSIBLE_STRING, message)
            .help(format!("write `Value: {right}`{quotes}"))
            .at_some(condition.value("Value"), format!("spans have `{right}`")),
    )
}
