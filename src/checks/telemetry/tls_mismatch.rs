//! Refinery's traces sent with TLS to a plaintext port, or the reverse.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::value::url::parse_url;

check!(
    TLS_MISMATCH,
    "telemetry/tls-mismatch",
    Warning,
    "`Insecure` contradicts the scheme of the address that Refinery sends its traces to",
    "Refinery ignores the scheme of the address: only `Insecure` decides whether it uses TLS. \
     Traces sent to a port of the other kind are lost.",
    "Set `Insecure: true` for an `http` address and `false` for an `https` address. Before v2.9.0, \
     traces always need TLS.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let address = context.known("OTelTracing", "APIHost")?;
    let insecure = context.known("OTelTracing", "Insecure")?;
    let scheme = parse_url(address.text()).ok()?.scheme;
    let (message, help) =
        match (scheme.as_str(), context.stage.is_on(insecure.group, insecure.name)) {
            ("http", false) => {
                ("traces are sent with TLS to an `http` address", "set `Insecure: true`")
            }
            ("https", true) => {
                ("traces are sent without TLS to an `https` address", "set `Insecure: false`")
            }
            _ => return None,
        };
    let place = if address.is_from_file() { address } else { insecure };
    context.is_on("OTelTracing", "Enabled").then(|| {
        let finding = Finding::new(&TLS_MISMATCH, message).help(help);
        place.place(finding, "the scheme is ignored; `Insecure` decides")
    })
}
