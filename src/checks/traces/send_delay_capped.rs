//! A delay longer than the timeout.

use crate::check;
use crate::checks::{CheckContext, ConfigKey};
use crate::diagnostic::Finding;

check!(
    SEND_DELAY_CAPPED,
    "traces/send-delay-capped",
    Warning,
    "`SendDelay` is longer than `TraceTimeout`, so it is cut short",
    "When the root span arrives, Refinery can only bring the decision forward. A delay that is \
     longer than the rest of `TraceTimeout` has no effect.",
    "Make `SendDelay` shorter than `TraceTimeout`.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let delay = context.known("Traces", "SendDelay")?;
    let timeout = context.known("Traces", "TraceTimeout")?;
    let number = |key: ConfigKey<'_>| context.stage.number(key.group, key.name);
    (number(delay) > number(timeout)).then(|| {
        let message = format!(
            "traces are sent after {}, not {}",
            timeout.display_value(),
            delay.display_value()
        );
        let finding = Finding::new(&SEND_DELAY_CAPPED, message).help(
            "make `SendDelay` shorter than `TraceTimeout`: it is the wait for late spans after \
             the root span",
        );
        let finding = delay.place(finding, "longer than `TraceTimeout`");
        finding.at_some(timeout.setting.span(), "no trace waits longer than this")
    })
}
