//! The stage that creates the exporters of Refinery's own metrics and traces.

use super::stage::{Stage, StageContext};
use crate::check;
use crate::config::environment::Lookup;
use crate::diagnostic::Finding;
use crate::schema::Quirk;

check!(
    CERTIFICATE_WITHOUT_TLS,
    "start/certificate-without-tls",
    Error,
    kind: Verdict,
    "an environment variable sets a certificate for a plaintext exporter",
    "The exporter fails if it can read a certificate but does not use TLS, and Refinery exits \
     with status 1 before it opens a port."
);

struct Exporter {
    group: &'static str,
    /// The key that makes it use plaintext HTTP.
    key: &'static str,
    /// Its part of the environment variables' names.
    signal: &'static str,
    is_plain: fn(StageContext<'_>) -> bool,
}

const EXPORTERS: [Exporter; 2] = [
    Exporter {
        group: "OTelMetrics",
        key: "APIHost",
        signal: "METRICS_",
        is_plain: |context| {
            context.text("OTelMetrics", "APIHost").to_ascii_lowercase().starts_with("http://")
        },
    },
    Exporter {
        group: "OTelTracing",
        key: "Insecure",
        signal: "TRACES_",
        is_plain: |context| context.is_on("OTelTracing", "Insecure"),
    },
];

pub fn walk(context: StageContext<'_>) -> Stage {
    const NAME: &str = "telemetry";
    let mut enabled = EXPORTERS.iter().filter(|e| context.is_on(e.group, "Enabled")).peekable();
    if enabled.peek().is_none() {
        return Stage::skipped(NAME, "no exporter is enabled");
    }
    let mut stage = Stage::new(NAME);
    for exporter in enabled {
        stage.decide(exporter.group, context.text(exporter.group, "APIHost"));
        if context.quirks.has(Quirk::ExportersRefuseCertificates) && (exporter.is_plain)(context) {
            exporter.check(context, &mut stage);
        }
    }
    stage
}

impl Exporter {
    /// A variable whose file cannot be read counts as unset.
    fn check(&self, context: StageContext<'_>, stage: &mut Stage) {
        let Some(variable) = self.certificate(context) else { return };
        let message = format!("`{}` uses plaintext HTTP, but `{variable}` is set", self.group);
        let finding = Finding::new(&CERTIFICATE_WITHOUT_TLS, message)
            .help("unset the variable, or use TLS for the exporter");
        let text = "does not use TLS";
        stage.findings.push(context.place(finding, self.group, self.key, text));
        stage.depend(format!("no certificate being at the path in `{variable}`"));
    }

    /// The variable that sets a certificate: a CA certificate, or a client certificate with its
    /// key.
    fn certificate(&self, context: StageContext<'_>) -> Option<String> {
        let is_set = |name: &String| matches!(context.environment.look_up(name), Lookup::Set(value) if !value.trim().is_empty());
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
