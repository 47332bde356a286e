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
    // Routers name routes with placeholders such as `/static/*`.
    let is_route = condition.fields().any(|(_, name)| name.ends_with("route"));
    let is_route = is_route && condition.has_operator(&["=", "!=", "in", "not-in"]);
    let is_meant = |text: &&str| {
        is_regexp(text) || (is_glob(text) && !(is_route && text.starts_with(['/', '*'])))
    };
    let text = texts(&condition.spec.value).find(is_meant)?;
    let operator = &condition.spec.operator;
    let message = format!("`{operator}` compares `{text}` literally");
    Some(
        Finding::new(&PATTERN_WITHOUT_MATCHES, message)
            .help("use `Operator: matches` for a pattern, or remove the pattern characters")
            .at_some(condition.value("Value"), "not treated as a pattern"),
    )
}

fn is_regexp(text: &str) -> bool {
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
    let is_media_type = text.ends_with("/*") && !text.contains("://") && !text.starts_with('/');
    let has_star = text.starts_with('*') || text.ends_with('*');
    let is_star = has_star && text.contains(char::is_alphanumeric) && !is_media_type;
    let is_like = text.len() > 2 && text.starts_with('%') && text.ends_with('%');
    is_star || is_like || text == "*"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_recognised() {
        for text in ["/health/.*", "^/api", "/ready$", "GET|POST", "(?i)x", "[45].."] {
            assert!(is_regexp(text), "{text}");
        }
        for text in ["/users/{id}", "/blog/[slug]", "a | b", "US$", "1.2.3", "||", "^"] {
            assert!(!is_regexp(text), "{text}");
        }
        for text in ["/api/*", "health*", "*.internal", "*", "%health%"] {
            assert!(is_glob(text), "{text}");
        }
        for text in ["*/*", "text/*", "100%", "a*b", "%"] {
            assert!(!is_glob(text), "{text}");
        }
    }
}
