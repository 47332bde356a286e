//! A timeout that Refinery raises.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::schema::Quirk;
use crate::value::Duration;

check!(
    HEALTH_TIMEOUT_RAISED,
    "config/health-timeout-raised",
    Note,
    "Refinery uses a longer timeout than `HealthCheckTimeout`",
    "Refinery allows 5 ms for each of `MaxExpiredTraces` and uses that if it is longer: 15 s by \
     default.",
    "Set it to at least 5 ms for each of `MaxExpiredTraces`, or lower `MaxExpiredTraces`.",
    before: "\
General:
  ConfigurationVersion: 2
Collection:
  HealthCheckTimeout: 3s
",
    change: "HealthCheckTimeout: 3s" => "HealthCheckTimeout: 30s",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    const NANOSECONDS_OF_A_TRACE: i128 = 5_000_000;
    let timeout = context.known("Collection", "HealthCheckTimeout")?;
    let traces = context.number("Traces", "MaxExpiredTraces")?;
    let least = i64::try_from(traces * NANOSECONDS_OF_A_TRACE).ok()?;
    let is_raised = context.stage.quirks.has(Quirk::RaisesHealthTimeout)
        && context.stage.number(timeout.group, timeout.name) < i128::from(least);
    is_raised.then(|| {
        let message = format!("the effective {} is {}", timeout.path(), Duration(least));
        let finding = Finding::new(&HEALTH_TIMEOUT_RAISED, message)
            .help("set it to at least that, or lower `Traces.MaxExpiredTraces`");
        timeout.place(finding, &format!("shorter than 5 ms for each of {traces} traces"))
    })
}
