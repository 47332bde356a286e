//! A cache that is looked after too rarely.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    RARE_SIZE_CHECK,
    "capacity/rare-size-check",
    Warning,
    "what is remembered of dropped traces is looked after so rarely that it fills up",
    "filters are renewed and recent decisions forgotten at `SizeCheckInterval` alone: until then \
     memory grows, a full filter takes nothing more in, and late spans of dropped traces are \
     decided anew",
    "write some seconds; the default is 10s",
    before: "\
General:
  ConfigurationVersion: 2
SampleCache:
  SizeCheckInterval: 1h
",
    change: "SizeCheckInterval: 1h" => "SizeCheckInterval: 10s",
);

look!(one find);

/// Nanoseconds: thirty times the default.
const LONGEST: i128 = 300_000_000_000;

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let interval = subject.held("SampleCache", "SizeCheckInterval")?;
    (subject.ground.number(interval.group, interval.name) > LONGEST).then(|| {
        let message =
            format!("the filter of dropped traces is looked after every {}", interval.shown());
        let finding =
            Finding::new(&RARE_SIZE_CHECK, message).help("write some seconds; the default is 10s");
        interval.place(finding, "memory grows until then")
    })
}
