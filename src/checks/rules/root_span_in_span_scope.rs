//! `has-root-span` where spans are asked.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    ROOT_SPAN_IN_SPAN_SCOPE,
    "rules/root-span-in-span-scope",
    Error,
    "`has-root-span` in the scope `span` never holds, and its rule never matches",
    "only of a trace does the engine know whether there is a root span; asked of one span the \
     operator does nothing",
    "write `Scope: trace`",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Scope: span
          Conditions:
            - Operator: has-root-span
              Value: true
",
    change: "Scope: span" => "Scope: trace",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let of_spans = subject.conditions().filter(|condition| {
        condition.rule.is_of_spans() && condition.has_operator(&["has-root-span"])
    });
    of_spans
        .map(|condition| {
            let rule = condition.rule;
            let message = format!("{} never matches: no span has a root span", rule.name());
            Finding::new(&ROOT_SPAN_IN_SPAN_SCOPE, message)
                .help("write `Scope: trace`")
                .at_some(condition.value("Operator"), "for traces alone")
                .at_some(rule.value("Scope"), "one span is asked")
        })
        .collect()
}
