//! Samplers of two rules that are one, with settings that differ.

use crate::check;
use crate::checks::Subject;
use crate::checks::sharing::{are_written_alike, shared_samplers};
use crate::diagnostic::Finding;

check!(
    SAMPLER_SETTINGS_IGNORED,
    "rules/sampler-settings-ignored",
    Warning,
    "a sampler's settings are ignored: it is one with that of an earlier rule",
    "the engine keeps one sampler for each type, rate and set of fields in the rules of a target, \
     and starts it with the settings of the first rule that has it; what the second says of \
     intervals, weights or keys is forgotten",
    "give both the same settings, or another rate or other fields to the second",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: sample the shop
          Conditions:
            - Field: service.name
              Operator: \"=\"
              Value: shop
          Sampler:
            DynamicSampler:
              SampleRate: 10
              ClearFrequency: 30s
              FieldList: [http.route]
        - Name: the rest
          Sampler:
            DynamicSampler:
              SampleRate: 10
              ClearFrequency: 5m
              FieldList: [http.route]
",
    change: "\
- Name: the rest
          Sampler:
            DynamicSampler:
              SampleRate: 10" => "\
- Name: the rest
          Sampler:
            DynamicSampler:
              SampleRate: 20",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let shared = shared_samplers(subject).filter(|(one, other)| !are_written_alike(*one, *other));
    shared
        .map(|(one, other)| {
            let message = "the settings of this sampler are ignored".to_owned();
            Finding::new(&SAMPLER_SETTINGS_IGNORED, message)
                .help("give both the same settings, or make them differ in rate or fields")
                .at_some(other.span(), "one with the sampler before it")
                .at_some(one.span(), "its settings count for both")
        })
        .collect()
}
