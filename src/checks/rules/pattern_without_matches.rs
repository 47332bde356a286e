//! A pattern with an operator that compares literally.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;

check!(
    PATTERN_WITHOUT_MATCHES,
    "rules/pattern-without-matches",
    Warning,
    "a value looks like a pattern, but its operator compares it literally",
    "Only `matches` uses regular expressions. `=`, `in`, `starts-with` and `contains` compare the \
     exact characters, including `.` and `*`.",
    "Use `Operator: matches` with a regular expression, or remove the pattern characters.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: sample health checks
          SampleRate: 100
          Conditions:
            - Field: http.route
              Operator: starts-with
              Value: /health/.*
",
    change: "/health/.*" => "/health/",
);

register!(find);

const LITERAL: [&str; 7] =
    ["=", "!=", "in", "not-in", "starts-with", "contains", "does-not-contain"];

/// Common in patterns, and rare elsewhere.
const SIGNS: [&str; 8] = [".*", ".+", "\\d", "\\w", "\\.", "[0-9]", "[a-z]", "[A-Z]"];

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.conditions().filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    if !condition.has_operator(&LITERAL) {
        return None;
    }
    let value = &condition.spec.value;
    let items = if let Value::List(items) = value { items } else { std::slice::from_ref(value) };
    let mut texts = items.iter().filter_map(|item| match item {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let text = texts.find(|text| is_pattern(text))?;
    let operator = &condition.spec.operator;
    let message = format!("`{operator}` compares `{text}` literally");
    Some(
        Finding::new(&PATTERN_WITHOUT_MATCHES, message)
            .help("use `Operator: matches` for a pattern, or remove the pattern characters")
            .at_some(condition.value("Value"), "not treated as a pattern"),
    )
}

fn is_pattern(text: &str) -> bool {
    SIGNS.iter().any(|sign| text.contains(sign))
        || (text.starts_with('^') && text.len() > 1)
        || (text.ends_with("/*") && text.len() > 2)
}
