//! Refinery's own telemetry goes to another region than its traces.

use crate::check;
use crate::checks::{CheckContext, ConfigKey};
use crate::diagnostic::Finding;

check!(
    OTHER_REGION,
    "telemetry/other-region",
    Warning,
    "Refinery sends its own telemetry and the traces to different Honeycomb regions",
    "Each Honeycomb region has its own keys. Every `APIHost` defaults to the US region, whatever \
     `Network.HoneycombAPI` is: an EU key is rejected there, and the logs or metrics are lost.",
    "Set `APIHost` of that group to the address in `Network.HoneycombAPI`.",
    before: "\
General:
  ConfigurationVersion: 2
Network:
  HoneycombAPI: https://api.eu1.honeycomb.io
OTelMetrics:
  Enabled: true
  APIKey: ${REFINERY_OTEL_METRICS_API_KEY}
",
    change: "  Enabled: true" => "  Enabled: true\n  APIHost: https://api.eu1.honeycomb.io",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let Some(traces) = context.known("Network", "HoneycombAPI") else { return Vec::new() };
    let Some(region) = region(traces.text()) else { return Vec::new() };
    let hosts = GROUPS.into_iter().filter(|group| is_on(context, group));
    let hosts = hosts.filter_map(|group| context.known(group, "APIHost"));
    hosts.filter_map(|host| report(traces, region, host)).collect()
}

const GROUPS: [&str; 4] = ["HoneycombLogger", "LegacyMetrics", "OTelMetrics", "OTelTracing"];

/// Whether the group sends anything.
fn is_on(context: &CheckContext<'_>, group: &str) -> bool {
    if group == "HoneycombLogger" {
        return context.stage.text("Logger", "Type") == "honeycomb";
    }
    context.is_on(group, "Enabled")
}

fn report(traces: ConfigKey, own: &str, host: ConfigKey) -> Option<Finding> {
    let other = region(host.text()).filter(|other| *other != own)?;
    let message =
        format!("{} is in the {other} region, the traces go to the {own} region", host.path());
    let help = format!("set {} to `{}`", host.path(), traces.text());
    let finding = Finding::new(&OTHER_REGION, message).help(help);
    let finding = traces.place(finding, "the region of the traces");
    Some(if host.is_written() { host.place(finding, "another region") } else { finding })
}

/// The region of an address of Honeycomb's API.
fn region(address: &str) -> Option<&'static str> {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = host.split(['/', ':']).next()?;
    match host.to_ascii_lowercase().as_str() {
        "api.honeycomb.io" => Some("US"),
        "api.eu1.honeycomb.io" => Some("EU"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_regions() {
        assert_eq!(region("https://api.honeycomb.io"), Some("US"));
        assert_eq!(region("https://api.eu1.honeycomb.io:443/"), Some("EU"));
        assert_eq!(region("https://API.EU1.honeycomb.io"), Some("EU"));
        assert_eq!(region("http://collector:4318"), None);
    }
}
