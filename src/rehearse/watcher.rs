//! The stage that begins to watch the files for changes.

use super::interval::Interval;
use super::stage::{Ground, Stage};
use crate::schema::Quirk;

pub fn walk(ground: Ground<'_>) -> Stage {
    const NAME: &str = "file watcher";
    if !ground.quirks.has(Quirk::WatchesWithATicker) {
        return Stage::skipped(NAME, "this release has none that can fail");
    }
    if ground.is_on("OpAMP", "Enabled") {
        return Stage::skipped(NAME, "the agent's server alone changes the files");
    }
    let mut stage = Stage::new(NAME);
    Interval { group: "General", key: "ConfigReloadInterval", divided_by: 1 }
        .judge(ground, &mut stage);
    stage
}
