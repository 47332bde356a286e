//! A dynamic sampler whose goal is to keep everything.

use crate::check;
use crate::checks::{CheckContext, SamplerAt};
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    GOAL_RATE_OF_ONE,
    "rules/goal-rate-of-one",
    Note,
    "a dynamic sampler with a goal of 1 keeps every trace",
    "The goal is one in N. With a goal of 1, Refinery keeps every trace of every key, and \
     `FieldList` has no effect.",
    "Use the rate that you want, such as 10 for one in ten.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    EMADynamicSampler:
      GoalSampleRate: 1
      FieldList: [service.name]
",
    change: "GoalSampleRate: 1" => "GoalSampleRate: 10",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.samplers().filter_map(report).collect()
}

fn report(sampler: SamplerAt) -> Option<Finding> {
    let key = match sampler.spec {
        SamplerSpec::Dynamic(spec) if spec.sample_rate == 1 => "SampleRate",
        SamplerSpec::EmaDynamic(spec) if spec.goal_sample_rate == 1 => "GoalSampleRate",
        _ => return None,
    };
    let message = format!("`{key}: 1` keeps every trace, whatever its key");
    Some(
        Finding::new(&GOAL_RATE_OF_ONE, message)
            .help("use a higher rate, or `DeterministicSampler` with `SampleRate: 1`")
            .at_some(sampler.value(key).or_else(|| sampler.span()), "keeps 1 in 1"),
    )
}
