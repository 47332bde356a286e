//! Two bounds of a range that different spans may satisfy.

use crate::check;
use crate::checks::{CheckContext, ConditionAt, RuleAt};
use crate::diagnostic::Finding;

check!(
    RANGE_ACROSS_SPANS,
    "rules/range-across-spans",
    Note,
    "with `Scope: trace`, two different spans may satisfy the two bounds of a range",
    "With `Scope: trace`, each condition may match a different span: in a trace with a 200 and a \
     503, one span is at least 400 and another is below 500.",
    "Use `Scope: span`, or test the root span with `root.`.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: http.status_code
              Operator: \">=\"
              Value: 400
              Datatype: int
            - Field: http.status_code
              Operator: <
              Value: 500
              Datatype: int
",
    change: "SampleRate: 1" => "\
SampleRate: 1
          Scope: span",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.rules().filter(|rule| rule.has_trace_scope()).filter_map(report).collect()
}

fn report(rule: RuleAt) -> Option<Finding> {
    let bounds = |operators: [&str; 2]| -> Vec<ConditionAt> {
        let of_spans = rule.conditions().filter(|condition| !condition.tests_root());
        of_spans.filter(|condition| condition.has_operator(&operators)).take(MAX).collect()
    };
    let (lower, upper) = (bounds([">", ">="]), bounds(["<", "<="]));
    let pairs = lower.iter().flat_map(|low| upper.iter().map(move |high| (low, high)));
    let (low, high) = pairs.into_iter().find(|(low, high)| low.fields().eq(high.fields()))?;
    let message = format!("two different spans may satisfy the bounds of {}", low.field_names());
    let finding = Finding::new(&RANGE_ACROSS_SPANS, message)
        .help("add `Scope: span` to the rule, or test the root span with `root.`");
    Some(
        finding.at_some(high.span(), "satisfied by one span").at_some(low.span(), "and by another"),
    )
}

/// Bounds compared in one rule; limits the pairs.
const MAX: usize = 20;
