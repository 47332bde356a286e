//! An empty list of rules.

use crate::check;
use crate::checks::{CheckContext, TargetAt};
use crate::diagnostic::Finding;
use crate::engine::spec::Target;

check!(
    EMPTY_RULES,
    "rules/empty-rules",
    Warning,
    "a target with an empty list of rules keeps every trace",
    "Refinery keeps a trace that no rule matches, at a rate of 1. Here no rule can match.",
    "Add rules, or use `DeterministicSampler` with `SampleRate: 1` to keep everything.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let is_empty = |target: &&TargetAt| match &target.spec {
        Target::Rules(rules) => rules.rules.is_empty(),
        _ => false,
    };
    context
        .targets()
        .iter()
        .filter(is_empty)
        .map(|target| {
            let message = format!("`{}` has no rules, so every trace is kept", target.name);
            Finding::new(&EMPTY_RULES, message)
                .help("add rules, or use another sampler")
                .at_some(target.span(), "`Rules` is empty")
        })
        .collect()
}
