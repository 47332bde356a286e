//! A negative condition that any span of the trace satisfies.

use crate::check;
use crate::checks::attributes::is_conventional;
use crate::checks::missing_field::{NEGATIVE, matches_missing_field};
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;

check!(
    NEGATION_MATCHES_ANY_SPAN,
    "rules/negation-matches-any-span",
    Warning,
    "a negative condition with `Scope: trace` matches as soon as one span differs",
    "With `Scope: trace`, the default, a condition matches if any span satisfies it. A trace \
     of several spans nearly always has one without the field or with another value. Not reported \
     if only spans with the field match, and few have it, such as `exception.type`.",
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
    context.conditions().filter_map(|condition| report(context, condition)).collect()
}

fn report(context: &CheckContext<'_>, condition: ConditionAt) -> Option<Finding> {
    let is_of_any_span = condition.rule.has_trace_scope()
        && condition.has_operator(&NEGATIVE)
        && condition.fields().next().is_some()
        && !condition.tests_root()
        // Every trace has a root span, and a root span has no parent.
        && !condition.fields().all(|(_, name)| context.is_id(&name));
    let needs_field = !matches_missing_field(context, condition);
    let is_rare = || condition.fields().all(|(_, name)| !is_of_most_spans(&name));
    if !is_of_any_span || needs_field && is_rare() {
        return None;
    }
    let field = condition.field_names();
    let label = if needs_field {
        "any span with another value matches"
    } else {
        "matches nearly every trace"
    };
    let finding = Finding::new(
        &NEGATION_MATCHES_ANY_SPAN,
        format!("any span that differs in {field} satisfies this condition"),
    );
    let finding =
        finding.help("test the root span with `root.`, or use `Scope: span` and select the span");
    Some(finding.at_some(condition.value("Operator"), label))
}

/// Whether several spans of nearly every trace have the field.
fn is_of_most_spans(name: &str) -> bool {
    let is_about_errors = ["error", "exception"].iter().any(|word| name.starts_with(word));
    is_conventional(name) && !is_about_errors
}
