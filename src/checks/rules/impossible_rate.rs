//! A sample rate that is no rate.

use crate::check;
use crate::checks::{RuleAt, SamplerAt, Subject};
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    IMPOSSIBLE_RATE,
    "rules/impossible-rate",
    Error,
    "a sample rate that is negative or beyond 32 bits drops or keeps by accident",
    "a rule with a negative rate drops every trace and reports a rate near 2⁶⁴; a deterministic \
     sampler with one keeps every trace, and of a greater rate than 2³² it uses the lower 32 bits \
     alone while it reports the whole",
    "write how many traces one is kept of: 1 keeps all, 10 keeps one in ten",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep errors
          SampleRate: -1
          Conditions:
            - Field: error
              Operator: exists
",
    change: "SampleRate: -1" => "SampleRate: 1",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let rules = subject.rules().filter_map(of_rule);
    rules.chain(subject.samplers().filter_map(of_sampler)).collect()
}

fn of_rule(rule: RuleAt) -> Option<Finding> {
    let decides = !rule.spec.drop && rule.spec.sampler.is_none();
    (decides && rule.spec.sample_rate < 0).then(|| {
        let message = format!("{} drops every trace that matches it", rule.name());
        let text = "a negative rate keeps none";
        report(message).at_some(rule.value("SampleRate"), text)
    })
}

fn of_sampler(sampler: SamplerAt) -> Option<Finding> {
    let SamplerSpec::Deterministic { sample_rate } = *sampler.spec else { return None };
    let (message, text) = match sample_rate {
        ..0 => ("a negative rate keeps every trace".to_owned(), "as if it were 1"),
        // Where the lower bits are zero the process ends.
        MORE.. if sample_rate % MORE != 0 => {
            let kept = match sample_rate % MORE {
                1 => "every trace is kept".to_owned(),
                rate => format!("one trace in {rate} is kept"),
            };
            (format!("{kept}, and each counts for {sample_rate}"), "beyond 32 bits")
        }
        _ => return None,
    };
    Some(report(message).at_some(sampler.value("SampleRate"), text))
}

fn report(message: String) -> Finding {
    Finding::new(&IMPOSSIBLE_RATE, message).help("write how many traces one is kept of")
}

/// The first number that does not fit 32 bits.
const MORE: i64 = 1 << 32;
