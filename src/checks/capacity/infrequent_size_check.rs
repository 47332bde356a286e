//! A cache that is maintained too rarely.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    INFREQUENT_SIZE_CHECK,
    "capacity/infrequent-size-check",
    Warning,
    "the cache of dropped traces is maintained so rarely that it fills up",
    "Refinery renews its filters and forgets recent decisions only every `SizeCheckInterval`. \
     Until then memory grows, a full filter accepts no new traces, and late spans of dropped \
     traces are sampled again.",
    "Use a few seconds; the default is `10s`.",
    before: "\
General:
  ConfigurationVersion: 2
SampleCache:
  SizeCheckInterval: 1h
",
    change: "SizeCheckInterval: 1h" => "SizeCheckInterval: 10s",
);

register!(one find);

/// Nanoseconds: thirty times the default.
const LONGEST: i128 = 300_000_000_000;

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let interval = context.known("SampleCache", "SizeCheckInterval")?;
    (context.stage.number(interval.group, interval.name) > LONGEST).then(|| {
        let message = format!(
            "the cache of dropped traces is maintained only every {}",
            interval.display_value()
        );
        let finding =
            Finding::new(&INFREQUENT_SIZE_CHECK, message).help("use a few seconds (default `10s`)");
        interval.place(finding, "memory grows until then")
    })
}
