//! A rule whose name contradicts what it does.

use crate::check;
use crate::checks::{CheckContext, RuleAt};
use crate::diagnostic::Finding;
use crate::proof::Outcome;

check!(
    NAME_CONTRADICTS_OUTCOME,
    "rules/name-contradicts-outcome",
    Warning,
    "a rule's name says the opposite of what the rule does",
    "The name has no effect on sampling. `Drop`, `SampleRate` and `Sampler` decide what happens \
     to a trace.",
    "Correct the name, or `Drop` and `SampleRate`.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: drop health checks
          SampleRate: 1
          Conditions:
            - Field: http.route
              Operator: \"=\"
              Value: /healthz
",
    change: "SampleRate: 1" => "Drop: true",
);

register!(find);

const KEEP: [&str; 3] = ["keep", "keeps", "retain"];
const DROP: [&str; 4] = ["drop", "drops", "discard", "dropping"];

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.rules().filter_map(report).collect()
}

fn report(rule: RuleAt) -> Option<Finding> {
    let name = rule.spec.name.to_lowercase();
    let words = || name.split(|c: char| !c.is_alphanumeric());
    let says = |list: &[&str]| words().any(|word| list.contains(&word));
    // A negated name ("do not drop") may mean either.
    let is_clear = !words().any(|word| ["not", "don", "dont", "never", "no"].contains(&word));
    let (promised, done) = match Outcome::of(Some(rule.spec)) {
        // `rules/implicit-drop` reports a rate that drops by accident.
        Outcome::Dropped if rule.spec.drop && says(&KEEP) && !says(&DROP) => {
            ("keeps", "drops every trace")
        }
        Outcome::Rate(1) if says(&DROP) && !says(&KEEP) => ("drops", "keeps every trace"),
        _ => return None,
    };
    let place = rule.value("Drop").or_else(|| rule.value("SampleRate")).or_else(|| rule.span());
    is_clear.then(|| {
        let message = format!("{} {done}, but its name says that it {promised} them", rule.name());
        Finding::new(&NAME_CONTRADICTS_OUTCOME, message)
            .help("correct the name, or `Drop` and `SampleRate`")
            .at_some(place, done)
    })
}
