//! The stage that starts to watch the files for changes.

use super::interval::Interval;
use super::stage::{Stage, StageContext};
use crate::schema::Quirk;

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
    stage
}
