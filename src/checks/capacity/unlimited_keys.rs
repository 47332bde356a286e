//! A sampler that may track any number of keys.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    UNLIMITED_KEYS,
    "capacity/unlimited-keys",
    Warning,
    "the sampler tracks an unlimited number of keys",
    "A negative `MaxKeys` disables the limit. Refinery keeps every new combination of field \
     values in memory, so fields with many values make it grow without end.",
    "Set the number of keys to track.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    DynamicSampler:
      SampleRate: 10
      MaxKeys: -1
      FieldList: [http.route]
",
    change: "MaxKeys: -1" => "MaxKeys: 1000",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let unlimited = context.samplers().filter(|sampler| max_keys(sampler.spec) < 0);
    unlimited
        .map(|sampler| {
            let message = format!(
                "the sampler for `{}` tracks an unlimited number of keys",
                sampler.target.name
            );
            Finding::new(&UNLIMITED_KEYS, message)
                .help("set the number of keys to track, or remove `MaxKeys` (default 500)")
                .at_some(sampler.value("MaxKeys"), "a negative value disables the limit")
        })
        .collect()
}

fn max_keys(spec: &SamplerSpec) -> i64 {
    match spec {
        SamplerSpec::Deterministic { .. } => 0,
        SamplerSpec::Dynamic(spec) => spec.key.max_keys,
        SamplerSpec::EmaDynamic(spec) => spec.key.max_keys,
        SamplerSpec::EmaThroughput(spec) => spec.key.max_keys,
        SamplerSpec::WindowedThroughput(spec) => spec.key.max_keys,
        SamplerSpec::TotalThroughput(spec) => spec.key.max_keys,
    }
}
