//! A condition on a field that the engine takes for an id.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    ID_FIELD,
    "rules/id-field",
    Warning,
    "a condition on a trace's or parent's id depends on the way its span came in",
    "ids are taken out of spans that come in batches or from another node, and rules no longer \
     see them; of spans that come over OTLP they do: `not-exists` holds for all of the former",
    "ask the root span with `root.`, or with `has-root-span` whether there is one",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    if !subject.ground.quirks.has(Quirk::ExtractsFieldsAtIngest) {
        return Vec::new();
    }
    let where_from = if subject.is_alone() {
        "taken out of spans from batches"
    } else {
        "taken out of spans from batches and other nodes"
    };
    subject
        .conditions()
        .filter_map(|condition| {
            let (_, name) = condition.fields().find(|(_, name)| subject.is_id(name))?;
            let message = format!("rules do not see `{name}` of every span that has it");
            let finding = Finding::new(&ID_FIELD, message)
                .help("ask the root span with `root.` before the field that matters")
                .at_some(condition.span(), where_from);
            Some(finding)
        })
        .collect()
}
