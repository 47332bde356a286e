//! A path in an address of which Refinery only uses the host.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::value::url::parse_url;

check!(
    PATH_IGNORED,
    "config/path-ignored",
    Warning,
    "Refinery ignores the path of this address",
    "Refinery sends its own metrics and traces to `/v1/metrics` and `/v1/traces` at the root of \
     the host. For `HoneycombAPI` it keeps the path when it sends data, but not when it looks up \
     the environment of a key.",
    "Remove the path, and let a proxy at the root of the host add it.",
    before: "\
General:
  ConfigurationVersion: 2
OTelMetrics:
  Enabled: true
  APIHost: https://collector.example.com/otlp
",
    change: "APIHost: https://collector.example.com/otlp" => "APIHost: \
                                                              https://collector.example.com",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let addresses = [
        ("Network", "HoneycombAPI", "ignored when looking up environments"),
        ("OTelMetrics", "APIHost", "only the host is used"),
        ("OTelTracing", "APIHost", "only the host is used"),
    ];
    let in_use = addresses
        .into_iter()
        .filter(|(group, ..)| *group == "Network" || context.is_on(group, "Enabled"));
    in_use
        .filter_map(|(group, name, text)| {
            let key = context.known(group, name)?;
            let url = parse_url(key.text()).ok()?;
            let path = url.path.trim_end_matches('/');
            (!path.is_empty()).then(|| {
                let message = format!("the path `{path}` of {} is ignored", key.path());
                let finding = Finding::new(&PATH_IGNORED, message).help("remove the path");
                key.place(finding, text)
            })
        })
        .collect()
}
