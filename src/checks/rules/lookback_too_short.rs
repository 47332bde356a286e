//! A lookback window shorter than one update.

use crate::check;
use crate::checks::{CheckContext, SamplerAt};
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    LOOKBACK_TOO_SHORT,
    "rules/lookback-too-short",
    Error,
    "the lookback window is shorter than one update, so every trace is kept",
    "Refinery rounds the window down to whole updates. An empty window counts nothing, and a key \
     without a count is kept.",
    "Set `LookbackFrequency` to several times `UpdateFrequency`, or remove it (default: 30 times).",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    WindowedThroughputSampler:
      GoalThroughputPerSec: 100
      UpdateFrequency: 10s
      LookbackFrequency: 5s
      FieldList: [http.route]
",
    change: "LookbackFrequency: 5s" => "LookbackFrequency: 5m",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.samplers().filter_map(report).collect()
}

fn report(sampler: SamplerAt) -> Option<Finding> {
    let SamplerSpec::WindowedThroughput(spec) = sampler.spec else { return None };
    let (update, lookback) = (spec.update_frequency.0, spec.lookback_frequency.0);
    let update = if update == 0 { DEFAULT_UPDATE } else { update };
    // Zero means the default of 30 updates.
    (lookback != 0 && lookback < update).then(|| {
        Finding::new(
            &LOOKBACK_TOO_SHORT,
            "the lookback window is shorter than one update: every trace is kept",
        )
        .help("set it to several times `UpdateFrequency`, or remove it")
        .at_some(sampler.value("LookbackFrequency"), "shorter than one update")
        .at_some(sampler.value("UpdateFrequency"), "one update")
    })
}

/// The default of `UpdateFrequency`: one second, in nanoseconds.
const DEFAULT_UPDATE: i64 = 1_000_000_000;
