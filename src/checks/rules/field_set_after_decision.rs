//! A field that Refinery sets when it sends a trace.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::attributes::plain_name;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    FIELD_SET_AFTER_DECISION,
    "rules/field-set-after-decision",
    Warning,
    "a field that Refinery sets only after the sampling decision",
    "Refinery adds these fields to the spans of traces that it sends, so conditions and samplers \
     do not see them. Only spans sent by another Refinery already have them. Before v2.9.0, the \
     counts were set before the decision.",
    "Use `Field: ?.NUM_DESCENDANTS` for the number of spans, and remove other fields.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: sample large traces
          SampleRate: 100
          Conditions:
            - Field: meta.span_count
              Operator: \">\"
              Value: 300
        - Name: sample the rest
          SampleRate: 10
",
    change: "meta.span_count" => "?.NUM_DESCENDANTS",
);

register!(find);

/// Numbers of what a trace has.
const COUNTS: [&str; 4] =
    ["meta.event_count", "meta.span_count", "meta.span_event_count", "meta.span_link_count"];

/// About the decision.
const REASONS: [&str; 3] =
    ["meta.refinery.reason", "meta.refinery.sample_key", "meta.refinery.send_reason"];

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let are_counts_late = context.stage.quirks.has(Quirk::CountsAfterDeciding);
    let is_late = |name: &str| REASONS.contains(&name) || are_counts_late && COUNTS.contains(&name);
    let names = context.names().into_iter();
    let late = names.filter(|(name, _)| is_late(plain_name(name)));
    late.map(|(name, span)| {
        let name = plain_name(&name);
        let help = match name {
            "meta.span_count" => "use `Field: ?.NUM_DESCENDANTS` for the number of spans",
            _ => "use a field that spans have when they arrive",
        };
        Finding::new(
            &FIELD_SET_AFTER_DECISION,
            format!("Refinery sets `{name}` only after the decision"),
        )
        .help(help)
        .at_some(span, "not set yet")
    })
    .collect()
}
