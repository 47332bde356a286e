//! A key that Refinery accepts and never reads.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    UNUSED_KEY,
    "config/unused-key",
    Note,
    "this release of Refinery accepts the key, but never reads it",
    "Refinery validates the key, but no code uses its value.",
    "Remove the key.",
    before: "\
General:
  ConfigurationVersion: 2
Collection:
  ShutdownDelay: 30s
",
    change: "ShutdownDelay: 30s" => "\
AvailableMemory: 4Gb
  MaxMemoryPercentage: 75",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    // Checks in the group `version` report the keys of `General`.
    let unread = context.config_keys().filter(|key| {
        key.group != "General"
            && key.is_written()
            && key.schema.fact_text("in-force") == Some("never")
    });
    unread
        .map(|key| {
            let message = format!("{} has no effect", key.path());
            let finding = Finding::new(&UNUSED_KEY, message).help("remove the key");
            key.place(finding, "never read")
        })
        .collect()
}
