//! A pattern with an operator that compares literally.

use crate::check;
use crate::checks::attributes::texts;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;

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
const SIGNS: [&str; 11] =
    [".*", ".+", "\\d", "\\w", "\\.", "\\s", "\\b", "[0-9]", "[a-z]", "[A-Z]", "(?i)"];

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.conditions().filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    if !condition.has_operator(&LITERAL) {
        return None;
    }
    let has_field = |ends: &[&str]| {
        condition.fields().any(|(_, name)| ends.iter().any(|end| name.ends_with(end)))
    };
    // Routers name routes with placeholders such as `/static/*`, and spans by their routes.
    let is_route = has_field(&ROUTES) && condition.has_operator(&["=", "!=", "in", "not-in"]);
    let is_literal = |text: &str| {
        is_route && (text.starts_with(['/', '*']) || text.contains(" /"))
            || has_field(&["action", "permission"]) && text.contains(':')
            || text == "*"
                && (texts(&condition.spec.value).nth(1).is_some() || has_field(&["origin"]))
    };
    let is_meant = |text: &&str| is_regexp(text) || is_glob(text) && !is_literal(text);
    let text = texts(&condition.spec.value).find(is_meant)?;
    let operator = &condition.spec.operator;
    let message = format!("`{operator}` compares `{text}` literally");
    Some(
        Finding::new(&PATTERN_WITHOUT_MATCHES, message)
            .help("use `Operator: matches` for a pattern, or remove the pattern characters")
            .at_some(condition.value("Value"), "not treated as a pattern"),
    )
}

/// What fields end with that hold names of routes.
const ROUTES: [&str; 6] = ["route", "template", "name", "endpoint", "handler", "resource"];

fn is_regexp(text: &str) -> bool {
    if is_windows_path(text) {
        return false;
    }
    let is_path_to_end = text.starts_with('/') && text.ends_with('$');
    let is_class =
        text.starts_with('[') && ["]+", "]*", "].", "]{"].iter().any(|s| text.contains(s));
    let mut alternatives = text.split('|');
    let is_word = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    let is_alternation = text.contains('|') && alternatives.all(is_word);
    SIGNS.iter().any(|sign| text.contains(sign))
        || (text.starts_with('^') && text.len() > 1)
        || (is_path_to_end && text.len() > 2)
        || is_class
        || is_alternation
}

/// Whether it has wildcards of shells or of SQL.
fn is_glob(text: &str) -> bool {
    let kind = text.strip_suffix("/*");
    let is_media_type = kind.is_some_and(|kind| MEDIA.contains(&kind));
    let has_star = text.starts_with('*') || text.ends_with('*') && !text.ends_with(" *");
    let is_schedule = text.split_whitespace().count() >= 5;
    let is_star =
        has_star && text.contains(char::is_alphanumeric) && !is_media_type && !is_schedule;
    let inner = text.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
    let is_encoded = |text: &str| text.len() == 2 && text.chars().all(|c| c.is_ascii_hexdigit());
    let is_like = inner.is_some_and(|inner| !inner.is_empty() && !is_encoded(inner));
    is_star || is_like || text == "*"
}

/// First parts of media types, which may end in `/*`.
const MEDIA: [&str; 10] = [
    "*",
    "application",
    "audio",
    "font",
    "image",
    "message",
    "model",
    "multipart",
    "text",
    "video",
];

/// Its backslashes are not escapes.
fn is_windows_path(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.as_str().starts_with(":\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_recognised() {
        for text in ["/health/.*", "^/api", "/ready$", "GET|POST", "(?i)x", "[45].."] {
            assert!(is_regexp(text), "{text}");
        }
        for text in [r"C:\data", "/users/{id}", "/blog/[slug]", "a | b", "US$", "1.2.3", "||", "^"]
        {
            assert!(!is_regexp(text), "{text}");
        }
        for text in ["/api/*", "health*", "*.internal", "*", "%health%", "kube-probe/*"] {
            assert!(is_glob(text), "{text}");
        }
        for text in ["*/*", "text/*", "100%", "a*b", "%", "SELECT *", "*/5 * * * *", "%20%"] {
            assert!(!is_glob(text), "{text}");
        }
    }
}
