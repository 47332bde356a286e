//! A `matches` pattern that Refinery rejects.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::regexp::Regexp;

check!(
    INVALID_PATTERN,
    "rules/invalid-pattern",
    Error,
    "a `matches` pattern is not a valid Go regular expression and never matches",
    "Refinery compiles patterns with Go's `regexp` package, which has no look-around and no \
     back-references. It ignores a pattern that does not compile, and the rule never matches.",
    "Write the pattern in Go's syntax (RE2).",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: http.target
              Operator: matches
              Value: ^/(?!health).*
",
    change: "\
Conditions:
            - Field: http.target
              Operator: matches
              Value: ^/(?!health).*" => "\
Scope: span
          Conditions:
            - Field: http.target
              Operator: does-not-contain
              Value: /health",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let patterns = context.conditions().filter(|condition| condition.has_operator(&["matches"]));
    patterns.filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let pattern = condition.spec.value.text();
    let fault = Regexp::new(&pattern).err()?;
    let message = format!("{} never matches: invalid regular expression", condition.rule.name());
    let part = pattern.get(fault.at.clone()).unwrap_or_default();
    let finding = Finding::new(&INVALID_PATTERN, message)
        .at_some(condition.value("Value"), format!("`{part}`: {fault}"));
    let repair = fault.repair(&pattern).map(|repaired| format!("write `{repaired}`"));
    let help = repair.or_else(|| fault.advice(&pattern).map(str::to_owned));
    Some(finding.help(help.unwrap_or_else(|| "rewrite the pattern in Go's RE2 syntax".to_owned())))
}
