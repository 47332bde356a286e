//! A ticker so slow that traces pile up.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    THROUGHPUT_CAPPED,
    "traces/throughput-capped",
    Warning,
    "so few traces are sent per second that they pile up",
    "At each tick a worker sends at most `MaxExpiredTraces` traces. A slow ticker makes that a \
     low limit, and the rest waits in memory.",
    "Use a shorter `SendTicker`.",
    before: "\
General:
  ConfigurationVersion: 2
Traces:
  SendTicker: 14s
  MaxExpiredTraces: 3000
Collection:
  WorkerCount: 1
",
    change: "SendTicker: 14s" => "SendTicker: 100ms",
);

register!(one find);

const NANOSECONDS: i128 = 1_000_000_000;

/// Traces per second that an ordinary node receives.
const FEW: i128 = 1_000;

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let ticker = context.known("Traces", "SendTicker")?;
    let most = context.number("Traces", "MaxExpiredTraces")?;
    let workers = context.stage.workers();
    let time = context.stage.number(ticker.group, ticker.name);
    let rate = (most * workers * NANOSECONDS).checked_div(time)?;
    (time > 0 && most > 0 && rate < FEW).then(|| {
        let message = format!("at most {rate} traces are sent per second");
        let finding = Finding::new(&THROUGHPUT_CAPPED, message)
            .help("use a shorter `SendTicker` (default `100ms`)");
        let text = format!("{most} traces per worker ({workers}) every {}", ticker.display_value());
        ticker.place(finding, &text)
    })
}
