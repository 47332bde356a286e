//! Settings that are ignored because two rules share a sampler.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::shared_samplers::{have_equal_settings, shared_samplers};
use crate::diagnostic::Finding;

check!(
    SAMPLER_SETTINGS_IGNORED,
    "rules/sampler-settings-ignored",
    Warning,
    "the settings of a sampler are ignored: it is shared with an earlier rule",
    "Within a target, Refinery shares one sampler between all rules with the same sampler type, \
     rate and fields, and creates it with the settings of the first. Different intervals, weights \
     or key limits of later rules are ignored.",
    "Use the same settings in both, or a different rate or different fields.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let shared = shared_samplers(context).filter(|(one, other)| !have_equal_settings(*one, *other));
    shared
        .map(|(one, other)| {
            let message = "the settings of this sampler are ignored".to_owned();
            Finding::new(&SAMPLER_SETTINGS_IGNORED, message)
                .help("use the same settings in both, or a different rate or fields")
                .at_some(other.span(), "shared with the earlier sampler")
                .at_some(one.span(), "its settings are used for both")
        })
        .collect()
}
