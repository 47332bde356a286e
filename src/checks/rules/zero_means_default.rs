//! A zero that a sampler treats as missing.

use crate::check;
use crate::checks::context::child;
use crate::checks::{CheckContext, SamplerAt};
use crate::diagnostic::Finding;

check!(
    ZERO_MEANS_DEFAULT,
    "rules/zero-means-default",
    Warning,
    "a sampler setting of 0 is treated as missing, and its default is used",
    "Samplers cannot distinguish 0 from a missing key: a rate of 0 is a rate of 10, and a weight, \
     interval or key limit of 0 is the default.",
    "Set the value you want, or remove the key.",
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

register!(find);

/// What each key means when it is 0.
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

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let dynamic = context.samplers().filter(|sampler| sampler.spec.key().is_some());
    dynamic
        .flat_map(|sampler| DEFAULTS.into_iter().filter_map(move |d| report(sampler, d)))
        .collect()
}

fn report(sampler: SamplerAt, (key, default): (&str, &str)) -> Option<Finding> {
    let setting = child(sampler.setting, key)?;
    let span = setting.span().filter(|_| setting.typed.is_zero())?;
    let message = format!("`{key}: 0` means the default, {default}");
    let finding = Finding::new(&ZERO_MEANS_DEFAULT, message);
    Some(finding.help("set the value you want, or remove the key").at(span, "treated as missing"))
}
