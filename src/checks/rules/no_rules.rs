//! Rules without a rule.

use crate::check;
use crate::checks::{Subject, TargetAt};
use crate::diagnostic::Finding;
use crate::engine::spec::Target;

check!(
    NO_RULES,
    "rules/no-rules",
    Warning,
    "a target whose list of rules is empty keeps every trace",
    "a trace that no rule matches is kept at a rate of 1, and here there is none that it could \
     match",
    "write the rules, or a `DeterministicSampler` with `SampleRate: 1` if everything is to be \
     kept",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules: []
",
    change: "\
RulesBasedSampler:
      Rules: []" => "\
DeterministicSampler:
      SampleRate: 1",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let is_empty = |target: &&TargetAt| match &target.spec {
        Target::Rules(rules) => rules.rules.is_empty(),
        _ => false,
    };
    subject
        .targets()
        .iter()
        .filter(is_empty)
        .map(|target| {
            let message = format!("`{}` has no rules and keeps every trace", target.name);
            Finding::new(&NO_RULES, message)
                .help("write rules, or a sampler that says what to keep")
                .at_some(target.span(), "no rule can match")
        })
        .collect()
}
