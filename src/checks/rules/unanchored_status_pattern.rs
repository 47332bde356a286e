//! A pattern for status codes that also matches inside other codes.

use crate::check;
use crate::checks::attributes::plain_name;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::Predicate;
use crate::engine::spec::ConditionSpec;

check!(
    UNANCHORED_STATUS_PATTERN,
    "rules/unanchored-status-pattern",
    Warning,
    "a pattern for status codes also matches inside other codes",
    "`matches` searches the pattern anywhere in the value: `5` also matches 405 and 250.",
    "Compare numbers, or begin the pattern with `^`.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep server errors
          SampleRate: 1
          Conditions:
            - Field: http.status_code
              Operator: matches
              Value: \"5\"
        - Name: sample the rest
          SampleRate: 10
",
    change: "\"5\"" => "^5",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let patterns =
        context.conditions().filter(|condition| condition.has_operator(&["matches", "contains"]));
    patterns.filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let is_status = |name: &str| name.ends_with("status_code") && !name.contains("grpc");
    condition.fields().find(|(_, name)| {
        let name = plain_name(name);
        is_status(name) && name != "status_code" && name != "otel.status_code"
    })?;
    let pattern = condition.spec.value.text();
    if pattern.contains(['^', '$']) {
        return None;
    }
    let anchored = match condition.spec.operator.as_str() {
        "contains" => condition_with(condition.spec, "starts-with", &pattern),
        _ => condition_with(condition.spec, "matches", &format!("^(?:{pattern})")),
    };
    let [found, begins] =
        [condition.spec, &anchored].map(|spec| Predicate::new(spec).map_err(drop));
    let (found, begins) = (found.ok()?, begins.ok()?);
    let holds = |predicate: &Predicate, code| predicate.holds(&Value::Int(code), true);
    let other = (100..=599).find(|code| holds(&found, *code) && !holds(&begins, *code))?;
    let operator = &condition.spec.operator;
    let finding = Finding::new(
        &UNANCHORED_STATUS_PATTERN,
        format!("`{operator}` with `{pattern}` also matches {other}"),
    );
    let finding = finding.help(format!(
        "compare numbers with `>=` and `<`, or write `Operator: matches` and `^{pattern}`"
    ));
    Some(finding.at_some(condition.value("Value"), "found anywhere in the code"))
}

fn condition_with(spec: &ConditionSpec, operator: &str, value: &str) -> ConditionSpec {
    ConditionSpec {
        operator: operator.to_owned(),
        value: Value::Text(value.to_owned()),
        ..spec.clone()
    }
}
