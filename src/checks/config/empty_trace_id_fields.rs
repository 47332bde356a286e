//! An empty list of trace ID fields.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    EMPTY_TRACE_ID_FIELDS,
    "config/empty-trace-id-fields",
    Error,
    "no field contains the trace ID of a span",
    "An empty list does not mean the default. No span belongs to a trace, no rule is evaluated, \
     and Refinery forwards everything.",
    "List the fields that contain trace IDs, or remove the key to use the default.",
    before: "\
General:
  ConfigurationVersion: 2
IDFields:
  TraceNames: []
",
    change: "TraceNames: []" => "TraceNames: [trace.trace_id]",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let names = context.known("IDFields", "TraceNames")?;
    (names.is_written() && names.texts().is_empty()).then(|| {
        let finding = Finding::new(
            &EMPTY_TRACE_ID_FIELDS,
            "no span belongs to a trace: everything is forwarded unsampled",
        )
        .help("list the fields that contain trace IDs, or remove the key to use the default");
        names.place(finding, "empty, so the default is not used")
    })
}
