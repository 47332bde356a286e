//! The stage that starts to watch the files for changes.

use super::interval::Interval;
use super::stage::{Stage, StageContext};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    FREEZES,
    "reload/freezes",
    Warning,
    "a live reload freezes the process",
    "This release notifies its components while it holds the config lock that they need, and the \
     process deadlocks: it keeps running, but answers no requests and sends \
     no traces until it is restarted."
);

pub fn walk(context: StageContext<'_>) -> Stage {
    const NAME: &str = "file watcher";
    if context.is_on("OpAMP", "Enabled") {
        return Stage::skipped(NAME, "the OpAMP server manages the files");
    }
    let is_positive = context.number("General", "ConfigReloadInterval") > 0;
    if !is_positive && !context.quirks.has(Quirk::WatchesWithATicker) {
        return Stage::skipped(NAME, "no interval is set");
    }
    let mut stage = Stage::new(NAME);
    let interval = Interval {
        group: "General",
        key: "ConfigReloadInterval",
        divided_by: 1,
        varies: context.quirks.has(Quirk::VariesReloadInterval),
    };
    interval.check(context, &mut stage);
    if context.quirks.has(Quirk::FreezesAtReload) {
        stage.findings.extend(find_freeze(context));
    }
    stage
}

/// Nothing freezes if a change of either file restarts the nodes.
fn find_freeze(context: StageContext<'_>) -> Option<Finding> {
    let restarts = context.host.machine.restarts;
    let finding = Finding::new(&FREEZES, "this release freezes at its first live reload")
        .help("use v2.1.0 or later, or restart the nodes with every change of a file");
    (!(restarts.config && restarts.rules)).then(|| {
        context.place(
            finding,
            "General",
            "ConfigReloadInterval",
            "files are checked for changes this often",
        )
    })
}
