//! The stage that makes the logger.

use super::stage::{Ground, Stage};
use crate::check;
use crate::diagnostic::Finding;

check!(
    UNKNOWN_IMPLEMENTATION,
    "start/unknown-implementation",
    Error,
    "a part of the engine is chosen that does not exist",
    "with --no-validate nobody refuses the name earlier, and the process ends where the part is made"
);

pub fn walk(ground: Ground<'_>) -> Stage {
    let mut stage = Stage::new("logger");
    let kind = ground.text("Logger", "Type");
    stage.decide("type", kind);
    if !matches!(kind, "stdout" | "honeycomb" | "none") {
        let finding = Finding::new(&UNKNOWN_IMPLEMENTATION, format!("there is no logger `{kind}`"))
            .help("write `stdout`, `honeycomb` or `none`");
        stage.fail(ground.place(finding, "Logger", "Type", "the process exits here"));
    }
    stage
}
