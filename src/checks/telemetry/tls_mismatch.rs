//! Traces of the engine sent with TLS to a plain port, or the other way.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::value::url::parse_url;

check!(
    TLS_MISMATCH,
    "telemetry/tls-mismatch",
    Warning,
    "the engine sends its own traces with TLS to an `http` address, or without it to an `https` \
     one",
    "the scheme of the address is not looked at: `Insecure` alone decides on TLS, and what is \
     sent to a port of the other kind is lost",
    "write `Insecure: true` with an `http` address, and not with an `https` one; before v2.9.0 \
     traces need TLS",
    before: "\
General:
  ConfigurationVersion: 2
OTelTracing:
  Enabled: true
  APIHost: http://collector:4318
",
    change: "APIHost: http://collector:4318" => "\
APIHost: http://collector:4318
  Insecure: true",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let address = subject.known("OTelTracing", "APIHost")?;
    let insecure = subject.held("OTelTracing", "Insecure")?;
    let scheme = parse_url(address.text()).ok()?.scheme;
    let (message, help) =
        match (scheme.as_str(), subject.ground.is_on(insecure.group, insecure.name)) {
            ("http", false) => {
                ("traces go to an `http` address with TLS", "write `Insecure: true`")
            }
            ("https", true) => {
                ("traces go to an `https` address without TLS", "write `Insecure: false`")
            }
            _ => return None,
        };
    let place = if address.is_from_file() { address } else { insecure };
    subject.ground.is_on("OTelTracing", "Enabled").then(|| {
        let finding = Finding::new(&TLS_MISMATCH, message).help(help);
        place.place(finding, "the scheme is not looked at, `Insecure` is")
    })
}
