//! Rules that leave out some traces, which are all kept.

use crate::check;
use crate::checks::{CheckContext, RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::proof::{Analysis, Outcome};

check!(
    NO_CATCH_ALL,
    "rules/no-catch-all",
    Note,
    "no rule matches the remaining traces, so all of them are kept",
    "Refinery keeps every trace that no rule matches, at a sample rate of 1. Reported for rules \
     that keep or sample some traces; rules that only drop are complete without a last rule.",
    "Add a last rule without `Conditions`, with `SampleRate: 1` to keep everything else.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: error
              Operator: exists
        - Name: sample health checks
          SampleRate: 100
          Conditions:
            - Field: http.route
              Operator: \"=\"
              Value: /healthz
",
    change: "Value: /healthz" => "\
Value: /healthz
        - Name: sample the rest
          SampleRate: 10",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.analyses().filter_map(|(target, analysis)| report(target, analysis)).collect()
}

fn report(target: &TargetAt, analysis: &Analysis) -> Option<Finding> {
    analysis.unmatched.as_ref()?;
    let drops = |rule: RuleAt| Outcome::of(Some(rule.spec)) == Outcome::Dropped;
    let last = target.rules().last()?;
    let message = format!("all traces of `{}` that no rule matches are kept", target.name);
    (!target.rules().all(drops)).then(|| {
        Finding::new(&NO_CATCH_ALL, message)
            .help("add a last rule without `Conditions` that says what happens to them")
            .at_some(last.span(), "the last rule")
    })
}
