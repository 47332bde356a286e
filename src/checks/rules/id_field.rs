//! A condition on a field that Refinery treats as an ID.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    ID_FIELD,
    "rules/id-field",
    Warning,
    "whether rules see a trace or parent ID depends on how the span arrived",
    "Refinery removes trace and parent IDs from spans that arrive in Honeycomb batches or from \
     other nodes, so rules do not see them there; in OTLP spans they do. `not-exists` always \
     matches the former.",
    "Test the root span with `root.`, or use `has-root-span` to test whether there is one.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep slow requests
          SampleRate: 1
          Scope: span
          Conditions:
            - Field: trace.parent_id
              Operator: not-exists
            - Field: duration_ms
              Operator: \">=\"
              Value: 5000
              Datatype: int
",
    change: "\
- Field: trace.parent_id
              Operator: not-exists
            - Field: duration_ms" => "- Field: root.duration_ms",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    if !context.stage.quirks.has(Quirk::ExtractsFieldsAtIngest) {
        return Vec::new();
    }
    let where_from = if context.is_alone() {
        "removed from spans in batches"
    } else {
        "removed from spans in batches and from peers"
    };
    context
        .conditions()
        .filter_map(|condition| {
            let (_, name) = condition.fields().find(|(_, name)| context.is_id(name))?;
            let message = format!("rules do not see `{name}` in every span that has it");
            let finding = Finding::new(&ID_FIELD, message)
                .help("use `root.` with the root span's field that you want to test")
                .at_some(condition.span(), where_from);
            Some(finding)
        })
        .collect()
}
