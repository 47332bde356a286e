//! A rate that another key of its rule makes void.

use crate::check;
use crate::checks::{RuleAt, Subject};
use crate::diagnostic::Finding;

check!(
    IGNORED_RATE,
    "rules/ignored-rate",
    Warning,
    "a rule's `SampleRate` is ignored beside a sampler or `Drop`",
    "a rule is decided by its sampler if it has one, else by `Drop`, and only then by \
     `SampleRate`; a rate beside them is read and forgotten",
    "leave out `SampleRate`, or leave out what overrides it if the rate is meant",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let rated = subject.rules().filter(|rule| rule.spec.sample_rate != 0);
    rated.filter_map(report).collect()
}

fn report(rule: RuleAt) -> Option<Finding> {
    let (key, what) = match (&rule.spec.sampler, rule.spec.drop) {
        (Some(_), _) => ("Sampler", "the sampler decides"),
        (None, true) => ("Drop", "every trace is dropped"),
        (None, false) => return None,
    };
    let message = format!("the rate of {} is ignored: {what}", rule.name());
    let finding = Finding::new(&IGNORED_RATE, message)
        .help("leave out `SampleRate`, or what overrides it")
        .at_some(rule.value("SampleRate"), "not looked at")
        .at_some(rule.key(key), "decides instead");
    Some(finding)
}
