//! A rule with both `Drop` and a sampler.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    DROP_WITH_SAMPLER,
    "rules/drop-with-sampler",
    Error,
    "a rule with both `Drop` and `Sampler` does not drop its traces",
    "If a rule has a sampler, Refinery uses it and never reads `Drop`. The traces are sampled and \
     only counted as dropped.",
    "Remove `Sampler` to drop the traces, or `Drop` to sample them.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: drop health checks
          Drop: true
          Conditions:
            - Field: http.target
              Operator: \"=\"
              Value: /healthz
          Sampler:
            DynamicSampler:
              SampleRate: 10
              FieldList: [http.route]
",
    change: "\
Value: /healthz
          Sampler:
            DynamicSampler:
              SampleRate: 10
              FieldList: [http.route]" => "Value: /healthz",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let both = context.rules().filter(|rule| rule.spec.drop && rule.spec.sampler.is_some());
    both.map(|rule| {
        let message = format!("{} does not drop anything: its sampler decides", rule.name());
        Finding::new(&DROP_WITH_SAMPLER, message)
            .help("remove `Sampler` to drop the traces, or `Drop` to sample them")
            .at_some(rule.key("Drop"), "ignored")
            .at_some(rule.key("Sampler"), "decides what is kept")
    })
    .collect()
}
