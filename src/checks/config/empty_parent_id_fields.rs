//! An empty list of parent ID fields.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    EMPTY_PARENT_ID_FIELDS,
    "config/empty-parent-id-fields",
    Warning,
    "no field contains the parent ID of a span",
    "An empty list does not mean the default. Every span is a root span, so Refinery decides a \
     trace `SendDelay` after its first span, before the rest has arrived.",
    "List the fields that contain parent IDs, or remove the key to use the default.",
    before: "\
General:
  ConfigurationVersion: 2
IDFields:
  ParentNames: []
",
    change: "ParentNames: []" => "ParentNames: [trace.parent_id]",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let names = context.known("IDFields", "ParentNames")?;
    (names.is_written() && names.texts().is_empty()).then(|| {
        let finding = Finding::new(
            &EMPTY_PARENT_ID_FIELDS,
            "every span is a root span: traces end too early",
        )
        .help("list the fields that contain parent IDs, or remove the key to use the default");
        names.place(finding, "empty, so the default is not used")
    })
}
