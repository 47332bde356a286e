//! Samplers of two rules that are one, alike in everything.

use crate::check;
use crate::checks::Subject;
use crate::checks::sharing::{are_written_alike, shared_samplers};
use crate::diagnostic::Finding;

check!(
    SHARED_SAMPLER,
    "rules/shared-sampler",
    Note,
    "samplers of two rules of a target are one and count the traces of both",
    "the engine keeps one sampler for each type, rate and set of fields in the rules of a target; \
     traces of both rules are counted together, and rates come out as for one rule",
    "give one of them another rate or other fields if they are to count apart, or make one rule \
     of the two",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let shared = shared_samplers(subject).filter(|(one, other)| are_written_alike(*one, *other));
    shared
        .map(|(one, other)| {
            let message = "two rules have one sampler between them".to_owned();
            Finding::new(&SHARED_SAMPLER, message)
                .help("make them differ in rate or fields if they are to count apart")
                .at_some(other.span(), "the same sampler")
                .at_some(one.span(), "first written here")
        })
        .collect()
}
