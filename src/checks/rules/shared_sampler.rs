//! Identical samplers of two rules, which Refinery shares.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::shared_samplers::{have_equal_settings, shared_samplers};
use crate::diagnostic::Finding;

check!(
    SHARED_SAMPLER,
    "rules/shared-sampler",
    Note,
    "two rules of a target share one sampler, which counts the traces of both",
    "Within a target, Refinery shares one sampler between all rules with the same sampler type, \
     rate and fields. It counts their traces together and computes rates as for one rule.",
    "Use a different rate or different fields to count them separately, or merge the rules.",
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
            EMADynamicSampler:
              GoalSampleRate: 10
              FieldList: [http.route]
        - Name: the rest
          Sampler:
            EMADynamicSampler:
              GoalSampleRate: 10
              FieldList: [http.route]
",
    change: "\
- Name: the rest
          Sampler:
            EMADynamicSampler:
              GoalSampleRate: 10
              FieldList: [http.route]" => "\
- Name: the rest
          Sampler:
            EMADynamicSampler:
              GoalSampleRate: 10
              FieldList: [service.name, http.route]",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let shared = shared_samplers(context).filter(|(one, other)| have_equal_settings(*one, *other));
    shared
        .map(|(one, other)| {
            let message = "two rules share one sampler".to_owned();
            Finding::new(&SHARED_SAMPLER, message)
                .help("use a different rate or fields to count them separately")
                .at_some(other.span(), "the same sampler")
                .at_some(one.span(), "first used here")
        })
        .collect()
}
