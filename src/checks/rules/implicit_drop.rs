//! A rule without `SampleRate`, `Drop` and `Sampler`.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    IMPLICIT_DROP,
    "rules/implicit-drop",
    Error,
    "a rule without `SampleRate`, `Drop` and `Sampler` drops every trace",
    "An omitted `SampleRate` is 0, and 0 keeps nothing. Refinery accepts this and logs nothing.",
    "Add `SampleRate: 1` to keep all matching traces, `SampleRate: 10` to keep one in ten, or \
     `Drop: true` to drop them.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep errors
          Conditions:
            - Field: error
              Operator: exists
",
    change: "- Name: keep errors" => "\
- Name: keep errors
          SampleRate: 1",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let silent = context.rules().filter(|rule| {
        rule.spec.sample_rate == 0 && !rule.spec.drop && rule.spec.sampler.is_none()
    });
    silent
        .map(|rule| {
            let message = format!("{} drops every trace that matches it", rule.name());
            Finding::new(&IMPLICIT_DROP, message)
                .help("add `SampleRate: 1` to keep them, or `Drop: true` to drop them explicitly")
                .at_some(rule.span(), "no `SampleRate`, `Drop` or `Sampler`")
        })
        .collect()
}
