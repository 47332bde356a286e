//! A negative reporting interval.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    NEGATIVE_INTERVAL,
    "telemetry/negative-interval",
    Warning,
    "a negative reporting interval is ignored",
    "The metrics library uses 60 s if the interval is not above zero.",
    "Use a duration above zero.",
    before: "\
General:
  ConfigurationVersion: 2
OTelMetrics:
  Enabled: true
  ReportingInterval: -10s
",
    change: "ReportingInterval: -10s" => "ReportingInterval: 10s",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let interval = context.known("OTelMetrics", "ReportingInterval")?;
    let is_used = context.is_on("OTelMetrics", "Enabled");
    (is_used && context.stage.number(interval.group, interval.name) < 0).then(|| {
        let finding = Finding::new(
            &NEGATIVE_INTERVAL,
            "`ReportingInterval` is ignored: metrics are sent every 60 s",
        )
        .help("use a duration above zero");
        interval.place(finding, "ignored unless above zero")
    })
}
