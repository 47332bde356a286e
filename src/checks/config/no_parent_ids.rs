//! An empty list of the fields that hold parents' ids.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    NO_PARENT_IDS,
    "config/no-parent-ids",
    Warning,
    "no field holds the id of a span's parent",
    "an empty list is not taken for none: every span is a root, so a trace is decided `SendDelay` \
     after its first span, before the rest of it has come",
    "name the fields that hold parent ids, or delete the key for its default",
    before: "\
General:
  ConfigurationVersion: 2
IDFields:
  ParentNames: []
",
    change: "ParentNames: []" => "ParentNames: [trace.parent_id]",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let names = subject.known("IDFields", "ParentNames")?;
    (names.is_written() && names.texts().is_empty()).then(|| {
        let finding = Finding::new(&NO_PARENT_IDS, "every span is a root: traces end too early")
            .help("name the fields that hold parent ids, or delete the key for its default");
        names.place(finding, "empty, and so not the default")
    })
}
