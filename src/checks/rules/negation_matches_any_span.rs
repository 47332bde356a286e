//! A negative condition that any span of the trace satisfies.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::missing_field::NEGATIVE;
use crate::diagnostic::Finding;

check!(
    NEGATION_MATCHES_ANY_SPAN,
    "rules/negation-matches-any-span",
    Warning,
    "a negative condition with `Scope: trace` matches as soon as one span differs",
    "With `Scope: trace`, the default, a condition matches if any span satisfies it. A trace \
     of several spans nearly always has one without the field or with another value.",
    "Test the root span with `root.`, or use `Scope: span` and add a condition that selects the \
     span.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: service.name
              Operator: \"!=\"
              Value: load-test
",
    change: "- Field: service.name" => "- Field: root.service.name",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let of_any_span = context.conditions().filter(|condition| {
        condition.rule.has_trace_scope()
            && condition.has_operator(&NEGATIVE)
            && condition.fields().next().is_some()
            && !condition.tests_root()
            // Every trace has a root span, and a root span has no parent.
            && !condition.fields().all(|(_, name)| context.is_id(&name))
    });
    of_any_span
        .map(|condition| {
            let message = format!(
                "any span that differs in {} satisfies this condition",
                condition.field_names()
            );
            Finding::new(&NEGATION_MATCHES_ANY_SPAN, message)
                .help("test the root span with `root.`, or use `Scope: span` and select the span")
                .at_some(condition.value("Operator"), "matches nearly every trace")
        })
        .collect()
}
