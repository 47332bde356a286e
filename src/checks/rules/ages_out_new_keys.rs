//! A moving average that new keys never enter.

use crate::check;
use crate::checks::{SamplerAt, Subject};
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    AGES_OUT_NEW_KEYS,
    "rules/ages-out-new-keys",
    Warning,
    "rare keys never enter the average: `AgeOutValue` is above `Weight`",
    "a key seen once comes to the average with its weight, and what is below `AgeOutValue` is \
     forgotten at once: rare traces are kept at a rate of 1 for ever",
    "write an `AgeOutValue` that is at most `Weight`, or leave it out",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    EMADynamicSampler:
      GoalSampleRate: 10
      Weight: 0.3
      AgeOutValue: 0.5
      FieldList: [http.route]
",
    change: "AgeOutValue: 0.5" => "AgeOutValue: 0.2",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    subject.samplers().filter_map(report).collect()
}

fn report(sampler: SamplerAt) -> Option<Finding> {
    let ema = match sampler.spec {
        SamplerSpec::EmaDynamic(spec) => &spec.ema,
        SamplerSpec::EmaThroughput(spec) => &spec.ema,
        _ => return None,
    };
    let weight = if ema.weight == 0.0 { USUAL_WEIGHT } else { ema.weight };
    (ema.age_out_value > weight).then(|| {
        let age = ema.age_out_value;
        let message = format!("`AgeOutValue` {age} is above the weight {weight}");
        Finding::new(&AGES_OUT_NEW_KEYS, message)
            .help("write at most the weight, or leave it out")
            .at_some(sampler.value("AgeOutValue"), "keys seen once are forgotten at once")
            .at_some(sampler.value("Weight"), "the weight of what is new")
    })
}

/// Where none is written.
const USUAL_WEIGHT: f64 = 0.5;
