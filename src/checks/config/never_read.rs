//! A key that the release takes and never reads.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    NEVER_READ,
    "config/never-read",
    Note,
    "the release takes the key and never reads it",
    "the validator knows the key, and nothing in the engine asks for its value",
    "delete the key",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    // What is to say of `General` has checks of its own.
    let unread = subject.all_held().filter(|held| {
        held.group != "General"
            && held.is_written()
            && held.key.fact_text("in-force") == Some("never")
    });
    unread
        .map(|held| {
            let message = format!("{} has no effect", held.title());
            let finding = Finding::new(&NEVER_READ, message).help("delete the key");
            held.place(finding, "nothing reads this")
        })
        .collect()
}
