//! The stage that starts to watch the files for changes.

use super::interval::Interval;
use super::stage::{Ground, Stage};
use crate::schema::Quirk;

pub fn walk(ground: Ground<'_>) -> Stage {
    const NAME: &str = "file watcher";
    if ground.is_on("OpAMP", "Enabled") {
        return Stage::skipped(NAME, "the OpAMP server manages the files");
    }
    let is_positive = ground.number("General", "ConfigReloadInterval") > 0;
    if !is_positive && !ground.quirks.has(Quirk::WatchesWithATicker) {
        return Stage::skipped(NAME, "no interval is set");
    }
    let mut stage = Stage::new(NAME);
    let interval = Interval {
        group: "General",
        key: "ConfigReloadInterval",
        divided_by: 1,
        varies: ground.quirks.has(Quirk::VariesReloadInterval),
    };
    interval.judge(ground, &mut stage);
    stage
}
