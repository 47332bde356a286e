//! The stage that creates the logger.

use super::stage::{Stage, StageContext};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    UNKNOWN_IMPLEMENTATION,
    "start/unknown-implementation",
    Error,
    kind: Verdict,
    "unknown implementation",
    "With `--no-validate` Refinery does not validate the name, and before v2.5.0 its validator \
     accepts a logger `none` that does not exist. Refinery exits when it creates the component."
);

pub fn walk(context: StageContext<'_>) -> Stage {
    let mut stage = Stage::new("logger");
    let kind = context.text("Logger", "Type");
    stage.decide("type", kind);
    let has_null = context.quirks.has(Quirk::HasNullLogger);
    let is_known = matches!(kind, "stdout" | "honeycomb") || (kind == "none" && has_null);
    if !is_known && !context.is_unknown("Logger", "Type") {
        let help = if has_null {
            "expected `stdout`, `honeycomb` or `none`"
        } else {
            "expected `stdout` or `honeycomb`"
        };
        let finding =
            Finding::new(&UNKNOWN_IMPLEMENTATION, format!("unknown logger `{kind}`")).help(help);
        stage.fail(context.place(finding, "Logger", "Type", "Refinery exits here"));
    }
    stage
}
