//! The stage that makes the logger.

use super::stage::{Ground, Stage};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    UNKNOWN_IMPLEMENTATION,
    "start/unknown-implementation",
    Error,
    "a part of the engine is chosen that does not exist",
    "with --no-validate nobody refuses the name earlier, and before v2.5.0 the validator knows a logger \
     `none` that does not exist; the process ends where the part is made"
);

pub fn walk(ground: Ground<'_>) -> Stage {
    let mut stage = Stage::new("logger");
    let kind = ground.text("Logger", "Type");
    stage.decide("type", kind);
    let has_null = ground.quirks.has(Quirk::HasNullLogger);
    let is_known = matches!(kind, "stdout" | "honeycomb") || (kind == "none" && has_null);
    if !is_known {
        let help = if has_null {
            "write `stdout`, `honeycomb` or `none`"
        } else {
            "write `stdout` or `honeycomb`"
        };
        let finding = Finding::new(&UNKNOWN_IMPLEMENTATION, format!("there is no logger `{kind}`"))
            .help(help);
        stage.fail(ground.place(finding, "Logger", "Type", "the process exits here"));
    }
    stage
}
