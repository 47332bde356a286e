//! A pattern whose anchors only apply to some of its alternatives.

use crate::check;
use crate::checks::attributes::texts;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;

check!(
    ANCHORED_ALTERNATIVE,
    "rules/anchored-alternative",
    Note,
    "`^` or `$` applies only to one alternative of a pattern",
    "In a regular expression `|` has the lowest precedence: `^/health|/ready$` matches what \
     begins with `/health`, and what ends with `/ready`.",
    "Put the alternatives in parentheses, or write the anchors in each of them.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: sample probes
          SampleRate: 100
          Conditions:
            - Field: http.target
              Operator: matches
              Value: ^/health|/ready$
        - Name: sample the rest
          SampleRate: 10
",
    change: "^/health|/ready$" => "^(/health|/ready)$",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let patterns = context.conditions().filter(|condition| condition.has_operator(&["matches"]));
    patterns.filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let text = texts(&condition.spec.value).find(|text| has_partial_anchor(text))?;
    let bare = text.strip_prefix('^').unwrap_or(text);
    let bare = bare.strip_suffix('$').unwrap_or(bare);
    let start = if text.starts_with('^') { "^" } else { "" };
    let end = if text.ends_with('$') { "$" } else { "" };
    let message = format!("an anchor of `{text}` applies only to one alternative");
    Some(
        Finding::new(&ANCHORED_ALTERNATIVE, message)
            .help(format!("write `{start}({bare}){end}` if it applies to all of them"))
            .at_some(condition.value("Value"), "anchors bind more tightly than `|`"),
    )
}

/// Whether only the first of several alternatives begins with `^`, or only the last ends with `$`.
fn has_partial_anchor(pattern: &str) -> bool {
    let alternatives = alternatives(pattern);
    let [first, middle @ .., last] = alternatives.as_slice() else { return false };
    let begins = |part: &str| part.starts_with('^');
    let ends = |part: &str| part.ends_with('$') && !part.ends_with("\\$");
    // `^$|x` and `^a$|^b` are deliberate.
    let is_whole = |part: &&str| begins(part) && ends(part);
    let is_anchored = |part: &&str| begins(part) || ends(part);
    if alternatives.iter().any(is_whole) || middle.iter().any(is_anchored) {
        return false;
    }
    let opens = begins(first) && !begins(last) && !ends(first);
    let closes = ends(last) && !ends(first) && !begins(last);
    opens || closes
}

/// The alternatives outside of all parentheses and brackets.
fn alternatives(pattern: &str) -> Vec<&str> {
    let (mut depth, mut in_class, mut is_escaped, mut start) = (0_usize, false, false, 0);
    let mut parts = Vec::new();
    for (at, c) in pattern.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            ']' => in_class = false,
            _ if in_class => {}
            '[' => in_class = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                parts.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&pattern[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_of_one_alternative_are_recognised() {
        for pattern in ["^/health|/ready$", "^/health|/ready", "a|b$", "^a|b|c", "^a|b|c$"] {
            assert!(has_partial_anchor(pattern), "{pattern}");
        }
        for pattern in [
            "^(a|b)$", "^a|^b", "a$|b$", "a|b", "^a$|b", "^$|x", "^[a|b]", "^a\\|b", "^a", "",
            "^a|b$|c",
        ] {
            assert!(!has_partial_anchor(pattern), "{pattern}");
        }
    }
}
