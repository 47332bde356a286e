//! A window that holds no update.

use crate::check;
use crate::checks::{SamplerAt, Subject};
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    LOOKBACK_TOO_SHORT,
    "rules/lookback-too-short",
    Error,
    "a windowed sampler looks back less than one update and keeps every trace",
    "the window is cut down to whole updates; with none in it nothing is ever counted, and a key \
     that has no count is kept",
    "write a `LookbackFrequency` of several times the `UpdateFrequency`, or leave it out: it is \
     30 times",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    subject.samplers().filter_map(report).collect()
}

fn report(sampler: SamplerAt) -> Option<Finding> {
    let SamplerSpec::WindowedThroughput(spec) = sampler.spec else { return None };
    let (update, lookback) = (spec.update_frequency.0, spec.lookback_frequency.0);
    let update = if update == 0 { USUAL_UPDATE } else { update };
    // A zero stands for 30 updates.
    (lookback != 0 && lookback < update).then(|| {
        Finding::new(&LOOKBACK_TOO_SHORT, "the window holds no update: every trace is kept")
            .help("write several times the `UpdateFrequency`, or leave it out")
            .at_some(sampler.value("LookbackFrequency"), "less than one update")
            .at_some(sampler.value("UpdateFrequency"), "one update")
    })
}

/// A second, where none is written.
const USUAL_UPDATE: i64 = 1_000_000_000;
