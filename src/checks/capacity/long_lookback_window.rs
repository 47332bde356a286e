//! A lookback window of very many intervals.

use crate::check;
use crate::checks::{CheckContext, SamplerAt};
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    LONG_LOOKBACK_WINDOW,
    "capacity/long-lookback-window",
    Note,
    "the sampler keeps a very large number of lookback intervals",
    "For each key, Refinery keeps one count per `UpdateFrequency` within `LookbackFrequency` and \
     adds them all up at every update.",
    "Use a longer `UpdateFrequency` or a shorter `LookbackFrequency`.",
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

register!(find);

/// The default is 30.
const MANY: i64 = 1_000;

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.samplers().filter_map(report).collect()
}

fn report(sampler: SamplerAt<'_>) -> Option<Finding> {
    let SamplerSpec::WindowedThroughput(spec) = sampler.spec else { return None };
    let steps = spec.lookback_frequency.0.checked_div(spec.update_frequency.0)?;
    (steps > MANY).then(|| {
        Finding::new(&LONG_LOOKBACK_WINDOW, format!("Refinery keeps {steps} counts for every key"))
            .help("use a longer `UpdateFrequency` or a shorter `LookbackFrequency`")
            .at_some(sampler.value("UpdateFrequency"), "one count per interval")
            .at_some(sampler.value("LookbackFrequency"), "kept for this long")
    })
}
