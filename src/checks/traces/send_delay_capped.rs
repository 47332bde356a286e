//! A delay longer than the time-out.

use crate::check;
use crate::checks::{Held, Subject};
use crate::diagnostic::Finding;

check!(
    SEND_DELAY_CAPPED,
    "traces/send-delay-capped",
    Warning,
    "`SendDelay` is longer than `TraceTimeout`, which cuts it off",
    "the time at which a trace is sent is only ever moved to an earlier one: when the root comes, \
     a longer delay changes nothing",
    "write a delay below the time-out",
    before: "\
General:
  ConfigurationVersion: 2
Traces:
  SendDelay: 2m
  TraceTimeout: 60s
",
    change: "\
SendDelay: 2m
  TraceTimeout: 60s" => "\
SendDelay: 2s
  TraceTimeout: 2m",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let delay = subject.held("Traces", "SendDelay")?;
    let time_out = subject.held("Traces", "TraceTimeout")?;
    let number = |held: Held<'_>| subject.ground.number(held.group, held.name);
    (number(delay) > number(time_out)).then(|| {
        let message = format!("traces are sent after {}, not {}", time_out.shown(), delay.shown());
        let finding = Finding::new(&SEND_DELAY_CAPPED, message).help(
            "write a delay below the time-out: it is the wait for late spans behind the root",
        );
        let finding = delay.place(finding, "longer than the time-out");
        finding.at_some(time_out.setting.span(), "no trace waits longer than this")
    })
}
