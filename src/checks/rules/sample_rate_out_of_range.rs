//! A sample rate out of range.

use crate::check;
use crate::checks::{CheckContext, RuleAt, SamplerAt};
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    SAMPLE_RATE_OUT_OF_RANGE,
    "rules/sample-rate-out-of-range",
    Error,
    "a sample rate that is negative or does not fit in 32 bits has unintended effects",
    "A rule with a negative rate drops every trace and reports a rate near 2⁶⁴. A deterministic \
     sampler with a negative rate keeps every trace; above 2³² it samples by the lower 32 bits, \
     but reports the full number.",
    "Set `SampleRate` to N to keep one trace in N; 1 keeps all.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let rules = context.rules().filter_map(of_rule);
    rules.chain(context.samplers().filter_map(of_sampler)).collect()
}

fn of_rule(rule: RuleAt) -> Option<Finding> {
    let decides = !rule.spec.drop && rule.spec.sampler.is_none();
    (decides && rule.spec.sample_rate < 0).then(|| {
        let message = format!("{} drops every trace that matches it", rule.name());
        let text = "a negative rate keeps nothing";
        report(message).at_some(rule.value("SampleRate"), text)
    })
}

fn of_sampler(sampler: SamplerAt) -> Option<Finding> {
    let SamplerSpec::Deterministic { sample_rate } = *sampler.spec else { return None };
    let (message, text) = match sample_rate {
        ..0 => ("a negative rate keeps every trace".to_owned(), "treated as 1"),
        // If the lower 32 bits are zero, Refinery crashes.
        MORE.. if sample_rate % MORE != 0 => {
            let kept = match sample_rate % MORE {
                1 => "every trace is kept".to_owned(),
                rate => format!("one trace in {rate} is kept"),
            };
            (format!("{kept}, but is counted as {sample_rate}"), "does not fit in 32 bits")
        }
        _ => return None,
    };
    Some(report(message).at_some(sampler.value("SampleRate"), text))
}

fn report(message: String) -> Finding {
    Finding::new(&SAMPLE_RATE_OUT_OF_RANGE, message).help("write N to keep one trace in N")
}

/// The first number that does not fit in 32 bits.
const MORE: i64 = 1 << 32;
