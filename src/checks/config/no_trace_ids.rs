//! An empty list of the fields that hold trace ids.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    NO_TRACE_IDS,
    "config/no-trace-ids",
    Error,
    "no field holds the id of a trace",
    "an empty list is not taken for none: no span belongs to a trace, no rule is asked, and \
     everything is sent on as it comes",
    "name the fields that hold trace ids, or delete the key for its default",
    before: "\
General:
  ConfigurationVersion: 2
IDFields:
  TraceNames: []
",
    change: "TraceNames: []" => "TraceNames: [trace.trace_id]",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let names = subject.known("IDFields", "TraceNames")?;
    (names.is_written() && names.texts().is_empty()).then(|| {
        let finding = Finding::new(&NO_TRACE_IDS, "no span has a trace: all goes on unsampled")
            .help("name the fields that hold trace ids, or delete the key for its default");
        names.place(finding, "empty, and so not the default")
    })
}
