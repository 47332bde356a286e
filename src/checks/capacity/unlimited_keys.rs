//! A sampler that may hold any number of keys.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    UNLIMITED_KEYS,
    "capacity/unlimited-keys",
    Warning,
    "a sampler that holds any number of keys",
    "a negative `MaxKeys` is no limit: each new combination of the values of its fields is kept \
     in memory, and fields with many values make it grow without end",
    "write how many keys to tell apart",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let unlimited = subject.samplers().filter(|sampler| max_keys(sampler.spec) < 0);
    unlimited
        .map(|sampler| {
            let message =
                format!("the sampler of `{}` holds any number of keys", sampler.target.name);
            Finding::new(&UNLIMITED_KEYS, message)
                .help("write how many keys to tell apart, or delete the key for its default of 500")
                .at_some(sampler.value("MaxKeys"), "negative is no limit")
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
