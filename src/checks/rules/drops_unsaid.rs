//! A rule that says nothing of what becomes of its traces.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    DROPS_UNSAID,
    "rules/drops-unsaid",
    Error,
    "a rule with neither a sample rate nor `Drop` nor a sampler drops every trace",
    "a rate that is not written is 0, and of a rate of 0 no trace is kept; nothing is logged, and the \
     validator has nothing against it",
    "write `SampleRate: 1` to keep all, another rate to keep one in so many, or `Drop: true` if that \
     is meant",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let silent = subject.rules().filter(|rule| {
        rule.spec.sample_rate == 0 && !rule.spec.drop && rule.spec.sampler.is_none()
    });
    silent
        .map(|rule| {
            let message = format!("{} drops every trace that matches it", rule.name());
            Finding::new(&DROPS_UNSAID, message)
                .help("write `SampleRate: 1` to keep them, or `Drop: true` to say so")
                .at_some(rule.span(), "no rate, no `Drop`, no `Sampler`: the rate is 0")
        })
        .collect()
}
