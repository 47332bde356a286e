//! A path in an address of which the engine uses the host.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::value::url::parse_url;

check!(
    PATH_DROPPED,
    "config/path-dropped",
    Warning,
    "a path in an address that the engine does not go by",
    "metrics and traces of the engine are sent to `/v1/metrics` and `/v1/traces` at the root of \
     the host; of `HoneycombAPI` the data keep the path, but the look-up that finds a key's \
     environment drops it",
    "leave the path out, and let a proxy at the root of the host add what is needed",
    before: "\
General:
  ConfigurationVersion: 2
OTelMetrics:
  Enabled: true
  APIHost: https://collector.example.com/otlp
",
    change: "APIHost: https://collector.example.com/otlp" => "APIHost: https://collector.example.com",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let addresses = [
        ("Network", "HoneycombAPI", "the look-up of environments drops the path"),
        ("OTelMetrics", "APIHost", "only the host is used"),
        ("OTelTracing", "APIHost", "only the host is used"),
    ];
    let in_use = addresses
        .into_iter()
        .filter(|(group, ..)| *group == "Network" || subject.ground.is_on(group, "Enabled"));
    in_use
        .filter_map(|(group, name, text)| {
            let held = subject.known(group, name)?;
            let url = parse_url(held.text()).ok()?;
            let path = url.path.trim_end_matches('/');
            (!path.is_empty()).then(|| {
                let message = format!("the path `{path}` of {} is dropped", held.title());
                let finding =
                    Finding::new(&PATH_DROPPED, message).help("write the address without a path");
                held.place(finding, text)
            })
        })
        .collect()
}
