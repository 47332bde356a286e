//! A `SampleRate` that another key of its rule overrides.

use crate::check;
use crate::checks::{CheckContext, RuleAt};
use crate::diagnostic::Finding;

check!(
    IGNORED_RATE,
    "rules/ignored-rate",
    Warning,
    "`SampleRate` is ignored next to `Sampler` or `Drop`",
    "Refinery uses a rule's `Sampler` first, then `Drop`, and `SampleRate` only if neither is set.",
    "Remove `SampleRate`, or remove what overrides it.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: sample the rest
          SampleRate: 50
          Sampler:
            DynamicSampler:
              SampleRate: 10
              FieldList: [http.route]
",
    change: "\
- Name: sample the rest
          SampleRate: 50" => "- Name: sample the rest",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let rated = context.rules().filter(|rule| rule.spec.sample_rate != 0);
    rated.filter_map(report).collect()
}

fn report(rule: RuleAt) -> Option<Finding> {
    let (key, what) = match (&rule.spec.sampler, rule.spec.drop) {
        (Some(_), _) => ("Sampler", "its sampler decides"),
        (None, true) => ("Drop", "every trace is dropped"),
        (None, false) => return None,
    };
    let message = format!("`SampleRate` of {} is ignored: {what}", rule.name());
    let finding = Finding::new(&IGNORED_RATE, message)
        .help("remove `SampleRate`, or remove what overrides it")
        .at_some(rule.value("SampleRate"), "ignored")
        .at_some(rule.key(key), "used instead");
    Some(finding)
}
