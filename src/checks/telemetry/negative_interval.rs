//! A negative interval between metrics.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    NEGATIVE_INTERVAL,
    "telemetry/negative-interval",
    Warning,
    "a negative interval between metrics is not used",
    "the library that sends them takes 60 s where the interval is not above zero",
    "write a duration above zero",
    before: "\
General:
  ConfigurationVersion: 2
OTelMetrics:
  Enabled: true
  ReportingInterval: -10s
",
    change: "ReportingInterval: -10s" => "ReportingInterval: 10s",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let interval = subject.held("OTelMetrics", "ReportingInterval")?;
    let is_used = subject.ground.is_on("OTelMetrics", "Enabled");
    (is_used && subject.ground.number(interval.group, interval.name) < 0).then(|| {
        let finding = Finding::new(&NEGATIVE_INTERVAL, "metrics are sent every 60 s")
            .help("write a duration above zero");
        interval.place(finding, "not above zero, and so not used")
    })
}
