//! A zero that the engine takes for nothing.

use crate::check;
use crate::checks::subject::child;
use crate::checks::{SamplerAt, Subject};
use crate::diagnostic::Finding;

check!(
    ZERO_MEANS_DEFAULT,
    "rules/zero-means-default",
    Warning,
    "a sampler's setting of 0 is taken for not written, and its default is used",
    "samplers cannot tell a zero from a key that is missing: a rate of 0 is a rate of 10, and a \
     weight, interval or number of keys of 0 is the usual one",
    "write the value that is meant, or leave the key out",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    EMADynamicSampler:
      GoalSampleRate: 0
      FieldList: [http.route]
",
    change: "GoalSampleRate: 0" => "GoalSampleRate: 10",
);

look!(find);

/// What a zero stands for.
const DEFAULTS: [(&str, &str); 12] = [
    ("SampleRate", "10"),
    ("GoalSampleRate", "10"),
    ("InitialSampleRate", "10"),
    ("Weight", "0.5"),
    ("AgeOutValue", "the weight"),
    ("BurstMultiple", "2"),
    ("BurstDetectionDelay", "3"),
    ("MaxKeys", "500"),
    ("ClearFrequency", "30s"),
    ("AdjustmentInterval", "15s"),
    ("UpdateFrequency", "1s"),
    ("LookbackFrequency", "30 times the update interval"),
];

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let dynamic = subject.samplers().filter(|sampler| sampler.spec.key().is_some());
    dynamic
        .flat_map(|sampler| DEFAULTS.into_iter().filter_map(move |d| report(sampler, d)))
        .collect()
}

fn report(sampler: SamplerAt, (key, default): (&str, &str)) -> Option<Finding> {
    let setting = child(sampler.setting, key)?;
    let span = setting.span().filter(|_| setting.typed.is_zero())?;
    let message = format!("`{key}` is not 0 but {default}");
    let finding = Finding::new(&ZERO_MEANS_DEFAULT, message);
    Some(finding.help("write what is meant, or leave it out").at(span, "taken for not written"))
}
