//! Several values in one string.

use crate::check;
use crate::checks::attributes::texts;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;

check!(
    LIST_IN_STRING,
    "rules/list-in-string",
    Warning,
    "several values in one string are compared as one value",
    "Refinery does not split strings: a field equals the whole string, with its commas and \
     brackets, or does not match.",
    "Write a list.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: sample probes
          SampleRate: 100
          Conditions:
            - Field: http.route
              Operator: in
              Value: \"/healthz, /readyz\"
",
    change: "\"/healthz, /readyz\"" => "[/healthz, /readyz]",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.conditions().filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let is_meant: fn(&str) -> bool = match condition.spec.operator.as_str() {
        "in" | "not-in" => |text| is_list(text, &[',', ';']),
        "=" | "!=" => |text| is_list(text, &[',']) && is_certain(text),
        "starts-with" | "contains" => |text| is_list(text, &[',']) && are_paths(text),
        _ => return None,
    };
    let text = texts(&condition.spec.value).find(|text| is_meant(text))?;
    let items = text.trim_matches(BRACKETS).split([',', ';']).map(|item| {
        let item = item.trim().trim_matches(['"', '\'']);
        if item.starts_with('*') { format!("\"{item}\"") } else { item.to_owned() }
    });
    let items: Vec<_> = items.collect();
    let operator = match condition.spec.operator.as_str() {
        "=" => "use `Operator: in` and ",
        "!=" => "use `Operator: not-in` and ",
        _ => "",
    };
    let help = match condition.spec.operator.as_str() {
        "starts-with" | "contains" => "use one rule for each, or `Operator: matches`".to_owned(),
        _ => format!("{operator}write `Value: [{}]`", items.join(", ")),
    };
    Some(
        Finding::new(&LIST_IN_STRING, format!("`{text}` is one string, not a list"))
            .help(help)
            .at_some(condition.value("Value"), "compared as one value"),
    )
}

const BRACKETS: [char; 5] = ['[', ']', '{', '}', ' '];

/// Whether it is a list in brackets, or of words between separators.
fn is_list(text: &str, separators: &[char]) -> bool {
    let inner = |open, close| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    let inner = inner('[', ']').or_else(|| inner('{', '}')).unwrap_or(text);
    let is_word = |item: &str| {
        let item = item.trim().trim_matches(['"', '\'']);
        let has_letter = item.chars().any(char::is_alphabetic) || item.len() == 3;
        has_letter && item.chars().all(|c| c.is_alphanumeric() || "-_./:*".contains(c))
    };
    text.contains(separators) && inner.split(separators).all(is_word)
}

/// Whether no text of people reads so: "Paris, France" is a value of its own.
fn is_certain(text: &str) -> bool {
    let is_constant = |item: &str| {
        let item = item.trim();
        item.starts_with(['/', '"', '\''])
            || item.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    text.starts_with(['[', '{']) || text.split(',').all(is_constant)
}

fn are_paths(text: &str) -> bool {
    text.split(',').all(|item| item.trim().starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_words_after_commas() {
        for text in ["a, b", "GET,POST", "[a, b]", "500, 503", "/a,/b,/c", "['a', 'b']"] {
            assert!(is_list(text, &[',']), "{text}");
        }
        for text in ["a", "1,000", "Hello, world!", "[slug]", "x, ", "Mozilla/5.0 (X11, Linux)"] {
            assert!(!is_list(text, &[',']), "{text}");
        }
    }
}
