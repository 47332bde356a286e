//! Metrics that only the machine itself can fetch.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::rehearse::is_loopback;
use crate::value::host_port::split_host_port;

check!(
    PROMETHEUS_LOCAL,
    "telemetry/prometheus-local",
    Note,
    "Prometheus can fetch the metrics from the machine itself alone",
    "the address listens at the loopback interface, as the default `localhost:2112` does: nothing \
     outside the machine or the pod reaches it",
    "write `ListenAddr: 0.0.0.0:2112` if something outside the machine fetches them",
    before: "\
General:
  ConfigurationVersion: 2
PrometheusMetrics:
  Enabled: true
",
    change: "Enabled: true" => "\
Enabled: true
  ListenAddr: 0.0.0.0:2112",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let enabled = subject.held("PrometheusMetrics", "Enabled")?;
    let address = subject.known("PrometheusMetrics", "ListenAddr")?;
    let (host, _) = split_host_port(address.text()).ok()?;
    (subject.ground.is_on(enabled.group, enabled.name) && is_loopback(host)).then(|| {
        let message = format!("metrics are served at `{}` alone", address.text());
        let finding = Finding::new(&PROMETHEUS_LOCAL, message)
            .help("write `ListenAddr: 0.0.0.0:2112` if something outside fetches them");
        let place = if address.is_written() { address } else { enabled };
        place.place(finding, "no other machine reaches them")
    })
}
