//! A time-out that the engine raises.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::schema::Quirk;
use crate::value::Duration;

check!(
    HEALTH_TIMEOUT_RAISED,
    "config/health-timeout-raised",
    Note,
    "the engine waits longer than `HealthCheckTimeout` says",
    "it allows five milliseconds for each of `MaxExpiredTraces`, and takes that where it is more: \
     15 s by default",
    "write at least five milliseconds for each of `MaxExpiredTraces`, or lower that",
    before: "\
General:
  ConfigurationVersion: 2
Collection:
  HealthCheckTimeout: 3s
",
    change: "HealthCheckTimeout: 3s" => "HealthCheckTimeout: 30s",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    const NANOSECONDS_OF_A_TRACE: i128 = 5_000_000;
    let time_out = subject.held("Collection", "HealthCheckTimeout")?;
    let traces = subject.ground.number("Traces", "MaxExpiredTraces");
    let least = i64::try_from(traces * NANOSECONDS_OF_A_TRACE).ok()?;
    let is_raised = subject.ground.quirks.has(Quirk::RaisesHealthTimeout)
        && subject.ground.number(time_out.group, time_out.name) < i128::from(least);
    is_raised.then(|| {
        let message = format!("{} is {} in force", time_out.title(), Duration(least));
        let finding = Finding::new(&HEALTH_TIMEOUT_RAISED, message)
            .help("write at least that, or lower `Traces.MaxExpiredTraces`");
        time_out.place(finding, &format!("5 ms for each of {traces} expired traces are more"))
    })
}
