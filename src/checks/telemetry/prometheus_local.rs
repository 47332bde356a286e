//! Metrics that only the machine itself can scrape.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::rehearse::is_loopback;
use crate::value::host_port::split_host_port;

check!(
    PROMETHEUS_LOCAL,
    "telemetry/prometheus-local",
    Note,
    "Prometheus metrics are only reachable from the machine itself",
    "The address is on the loopback interface, like the default `localhost:2112`. Nothing outside \
     the machine or pod can connect.",
    "Use `ListenAddr: 0.0.0.0:2112` if Prometheus runs elsewhere.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let enabled = context.known("PrometheusMetrics", "Enabled")?;
    let address = context.known("PrometheusMetrics", "ListenAddr")?;
    let (host, _) = split_host_port(address.text()).ok()?;
    (context.stage.is_on(enabled.group, enabled.name) && is_loopback(host)).then(|| {
        let message = format!("Prometheus metrics are only served on `{}`", address.text());
        let finding = Finding::new(&PROMETHEUS_LOCAL, message)
            .help("use `ListenAddr: 0.0.0.0:2112` if Prometheus runs elsewhere");
        let place = if address.is_written() { address } else { enabled };
        place.place(finding, "not reachable from other machines")
    })
}
