//! A window of very many parts.

use crate::check;
use crate::checks::{SamplerAt, Subject};
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    MANY_WINDOWS,
    "capacity/many-windows",
    Note,
    "a sampler that looks back over very many steps",
    "for each key a count is kept for every `UpdateFrequency` within `LookbackFrequency`, and all \
     are added up at each step",
    "write a longer `UpdateFrequency` or a shorter `LookbackFrequency`",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    WindowedThroughputSampler:
      GoalThroughputPerSec: 100
      UpdateFrequency: 100ms
      LookbackFrequency: 10m
      FieldList: [http.route]
",
    change: "\
UpdateFrequency: 100ms
      LookbackFrequency: 10m" => "\
UpdateFrequency: 1s
      LookbackFrequency: 30s",
);

look!(find);

/// By default there are 30.
const MANY: i64 = 1_000;

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    subject.samplers().filter_map(judge).collect()
}

fn judge(sampler: SamplerAt<'_>) -> Option<Finding> {
    let SamplerSpec::WindowedThroughput(spec) = sampler.spec else { return None };
    let steps = spec.lookback_frequency.0.checked_div(spec.update_frequency.0)?;
    (steps > MANY).then(|| {
        Finding::new(&MANY_WINDOWS, format!("{steps} counts are kept for every key"))
            .help("write a longer `UpdateFrequency` or a shorter `LookbackFrequency`")
            .at_some(sampler.value("UpdateFrequency"), "a count at each of these")
            .at_some(sampler.value("LookbackFrequency"), "as far back as this")
    })
}
