//! The stage that makes the exporters of the engine's own metrics and traces.

use super::stage::{Ground, Stage};
use crate::check;
use crate::config::environment::Lookup;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    CERTIFICATE_WITHOUT_TLS,
    "start/certificate-without-tls",
    Error,
    "a certificate in the environment, for an exporter that speaks plain HTTP",
    "the exporter refuses to be made where a certificate could be read and there is no TLS to use it \
     for, and the process exits with status 1 before it opens a port"
);

struct Exporter {
    group: &'static str,
    /// The key that makes it speak plain HTTP.
    key: &'static str,
    /// Its own part in the names of variables.
    signal: &'static str,
    is_plain: fn(Ground<'_>) -> bool,
}

const EXPORTERS: [Exporter; 2] = [
    Exporter {
        group: "OTelMetrics",
        key: "APIHost",
        signal: "METRICS_",
        is_plain: |ground| {
            ground.text("OTelMetrics", "APIHost").to_ascii_lowercase().starts_with("http://")
        },
    },
    Exporter {
        group: "OTelTracing",
        key: "Insecure",
        signal: "TRACES_",
        is_plain: |ground| ground.is_on("OTelTracing", "Insecure"),
    },
];

pub fn walk(ground: Ground<'_>) -> Stage {
    const NAME: &str = "telemetry";
    let mut enabled = EXPORTERS.iter().filter(|e| ground.is_on(e.group, "Enabled")).peekable();
    if enabled.peek().is_none() {
        return Stage::skipped(NAME, "no exporter is enabled");
    }
    let mut stage = Stage::new(NAME);
    for exporter in enabled {
        stage.decide(exporter.group, ground.text(exporter.group, "APIHost"));
        if ground.quirks.has(Quirk::ExportersRefuseCertificates) && (exporter.is_plain)(ground) {
            exporter.judge(ground, &mut stage);
        }
    }
    stage
}

impl Exporter {
    /// A variable whose file cannot be read counts as not set.
    fn judge(&self, ground: Ground<'_>, stage: &mut Stage) {
        let Some(variable) = self.certificate(ground) else { return };
        let message = format!("`{}` is plain HTTP, and `{variable}` is set", self.group);
        let finding = Finding::new(&CERTIFICATE_WITHOUT_TLS, message)
            .help("unset the variable, or let the exporter speak TLS");
        let text = "no TLS to use the certificate for";
        stage.findings.push(ground.place(finding, self.group, self.key, text));
        stage.depend(format!("no certificate being where `{variable}` says"));
    }

    /// The variable that names a certificate: of the other side, or of its own with the key to it.
    fn certificate(&self, ground: Ground<'_>) -> Option<String> {
        let is_set = |name: &String| matches!(ground.environment.look_up(name), Lookup::Set(value) if !value.trim().is_empty());
        ["", self.signal].into_iter().find_map(|signal| {
            let name = |rest: &str| format!("OTEL_EXPORTER_OTLP_{signal}{rest}");
            let (authority, own) = (name("CERTIFICATE"), name("CLIENT_CERTIFICATE"));
            if is_set(&authority) {
                return Some(authority);
            }
            (is_set(&own) && is_set(&name("CLIENT_KEY"))).then_some(own)
        })
    }
}
