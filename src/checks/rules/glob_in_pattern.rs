//! A shell wildcard in a regular expression.

use crate::check;
use crate::checks::attributes::texts;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::regexp::Regexp;

check!(
    GLOB_IN_PATTERN,
    "rules/glob-in-pattern",
    Warning,
    "a pattern has a glob wildcard, which means something else in a regular expression",
    "In a regular expression `/api/*` is `/api` and any number of slashes, and `health*` is `healt` \
     and any number of `h`. For any characters write `.*`.",
    "Write `.*` for any characters, or use `starts-with`.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: sample orders of users
          SampleRate: 100
          Conditions:
            - Field: http.target
              Operator: matches
              Value: ^/users/*/orders
        - Name: sample the rest
          SampleRate: 10
",
    change: "/users/*/orders" => "/users/[^/]*/orders",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let patterns = context.conditions().filter(|condition| condition.has_operator(&["matches"]));
    patterns.filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    // `rules/invalid-pattern` reports the others.
    let is_valid = |text: &&str| Regexp::new(text).is_ok();
    let text = texts(&condition.spec.value).find(|text| is_glob(text) && is_valid(text))?;
    let message = if text.contains('*') {
        format!("`*` in `{text}` repeats only the character before it")
    } else {
        format!("`%` in `{text}` matches only this character")
    };
    Some(
        Finding::new(&GLOB_IN_PATTERN, message)
            .help(format!("write `{}`", text.replace('*', ".*").trim_matches('%')))
            .at_some(condition.value("Value"), "not a wildcard"),
    )
}

/// Whether a star follows a slash, or the last letter of a word at the end, or percent signs are
/// around it as in SQL, and nothing else makes it a regular expression.
fn is_glob(text: &str) -> bool {
    let is_like = text.len() > 2 && text.starts_with('%') && text.ends_with('%');
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    let mut alternatives = inner.split('|');
    is_like || !text.contains(".*") && alternatives.any(has_wildcard)
}

fn has_wildcard(text: &str) -> bool {
    let is_regexp = text.contains(['(', ')', '[', ']', '\\', '+', '?', '{']);
    let bare = text.strip_suffix('$').unwrap_or(text);
    let after_slash = bare.contains("/*/") || bare.ends_with("/*");
    let last = bare.strip_suffix('*').and_then(|rest| rest.chars().next_back());
    let is_word = |c: char| c.is_alphanumeric() || ['-', '_'].contains(&c);
    let after_word = bare.len() > 3 && last.is_some_and(is_word);
    !is_regexp && (after_slash || after_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinguishes_wildcards_from_repetitions() {
        let globs = ["/api/*", "^/users/*/orders", "health*", "^/api/v1*", "checkout-*", "%x%"];
        for text in globs.into_iter().chain(["^/users/*$", "health*|ready*", "(health*)", "test_*"])
        {
            assert!(is_glob(text), "{text}");
        }
        for text in ["/api/.*", "^/users/[^/]*/orders", "a*", "(ab)*", "[a-z]*", "https?/*", "x"] {
            assert!(!is_glob(text), "{text}");
        }
    }
}
