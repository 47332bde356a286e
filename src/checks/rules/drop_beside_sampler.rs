//! A rule that says `Drop` and has a sampler.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    DROP_BESIDE_SAMPLER,
    "rules/drop-beside-sampler",
    Error,
    "a rule with both `Drop` and a sampler keeps what the sampler keeps",
    "where a rule has a sampler the engine asks it and never looks at `Drop`; the traces are kept \
     and only counted as dropped",
    "leave out the sampler to drop the traces, or `Drop` to sample them",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let both = subject.rules().filter(|rule| rule.spec.drop && rule.spec.sampler.is_some());
    both.map(|rule| {
        let message = format!("{} does not drop: its sampler decides", rule.name());
        Finding::new(&DROP_BESIDE_SAMPLER, message)
            .help("leave out `Sampler` to drop, or `Drop` to sample")
            .at_some(rule.key("Drop"), "not looked at")
            .at_some(rule.key("Sampler"), "decides what is kept")
    })
    .collect()
}
