//! A moving average that new keys never enter.

use crate::check;
use crate::checks::{CheckContext, SamplerAt};
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    AGES_OUT_NEW_KEYS,
    "rules/ages-out-new-keys",
    Warning,
    "rare keys never enter the moving average: `AgeOutValue` is above `Weight`",
    "A key seen once enters the average with `Weight`, and everything below `AgeOutValue` is \
     removed immediately. Rare traces are kept at a rate of 1 forever.",
    "Set `AgeOutValue` to at most `Weight`, or remove it.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.samplers().filter_map(report).collect()
}

fn report(sampler: SamplerAt) -> Option<Finding> {
    let ema = match sampler.spec {
        SamplerSpec::EmaDynamic(spec) => &spec.ema,
        SamplerSpec::EmaThroughput(spec) => &spec.ema,
        _ => return None,
    };
    let weight = if ema.weight == 0.0 { DEFAULT_WEIGHT } else { ema.weight };
    (ema.age_out_value > weight).then(|| {
        let age = ema.age_out_value;
        let message = format!("`AgeOutValue` ({age}) is above `Weight` ({weight})");
        Finding::new(&AGES_OUT_NEW_KEYS, message)
            .help("set it to at most `Weight`, or remove it")
            .at_some(sampler.value("AgeOutValue"), "new keys are removed immediately")
            .at_some(sampler.value("Weight"), "weight of a new key")
    })
}

/// The default of `Weight`.
const DEFAULT_WEIGHT: f64 = 0.5;
