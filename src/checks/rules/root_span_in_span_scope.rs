//! `has-root-span` in a rule with `Scope: span`.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    ROOT_SPAN_IN_SPAN_SCOPE,
    "rules/root-span-in-span-scope",
    Error,
    "`has-root-span` never matches with `Scope: span`, and neither does its rule",
    "Whether there is a root span is a property of a trace. With `Scope: span` the operator \
     matches nothing.",
    "Use `Scope: trace`.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let of_spans = context.conditions().filter(|condition| {
        condition.rule.has_span_scope() && condition.has_operator(&["has-root-span"])
    });
    of_spans
        .map(|condition| {
            let rule = condition.rule;
            let message =
                format!("{} never matches: `has-root-span` needs `Scope: trace`", rule.name());
            Finding::new(&ROOT_SPAN_IN_SPAN_SCOPE, message)
                .help("use `Scope: trace`")
                .at_some(condition.value("Operator"), "only works for traces")
                .at_some(rule.value("Scope"), "tests single spans")
        })
        .collect()
}
