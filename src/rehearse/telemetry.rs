//! The stage that creates the exporters of Refinery's own metrics and traces.

use super::stage::{Stage, StageContext};
use crate::check;
use crate::config::environment::Lookup;
use crate::diagnostic::Finding;
use crate::schema::Quirk;
use crate::value::url::parse_url;

check!(
    CERTIFICATE_WITHOUT_TLS,
    "start/certificate-without-tls",
    Error,
    kind: Verdict,
    "an environment variable sets a certificate for a plaintext exporter",
    "The exporter fails if it can read a certificate but does not use TLS, and Refinery exits \
     with status 1 before it opens a port."
);

check!(
    INVALID_EXPORTER_HOST,
    "start/invalid-exporter-host",
    Error,
    kind: Verdict,
    "the address of an exporter cannot be parsed",
    "Refinery parses the address when it creates the exporter, and exits with status 1 before it opens a \
     port. Only its validator rejects the address earlier, which `--no-validate` turns off."
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
        exporter.check_host(context, &mut stage);
        if context.quirks.has(Quirk::ExportersRefuseCertificates) && (exporter.is_plain)(context) {
            exporter.check(context, &mut stage);
        }
    }
    stage
}

impl Exporter {
    fn check_host(&self, context: StageContext<'_>, stage: &mut Stage) {
        const KEY: &str = "APIHost";
        let Err(error) = parse_url(context.text(self.group, KEY)) else { return };
        if !context.is_unknown(self.group, KEY) {
            let message = format!("invalid value for `{}.{KEY}`: {error}", self.group);
            let finding = Finding::new(&INVALID_EXPORTER_HOST, message)
                .help("use an address such as `https://api.honeycomb.io`");
            stage.fail(context.place(finding, self.group, KEY, "not a URL"));
        }
    }

    /// A variable whose file cannot be read counts as unset.
    fn check(&self, context: StageContext<'_>, stage: &mut Stage) {
        let Some(variable) = self.certificate(context) else { return };
        let message = format!("`{}` uses plaintext HTTP, but `{variable}` is set", self.group);
        let finding = Finding::new(&CERTIFICATE_WITHOUT_TLS, message)
            .help("unset the variable, or use TLS for the exporter");
        let finding = context.place(finding, self.group, self.key, "does not use TLS");
        if context.host.is_live() {
            stage.fail(finding);
        } else {
            stage.findings.push(finding);
            stage.depend(format!("no certificate being at the path in `{variable}`"));
        }
    }

    /// The variable that sets a certificate: a CA certificate, or a client certificate with its
    /// key.
    fn certificate(&self, context: StageContext<'_>) -> Option<String> {
        let is_set = |name: &str, kind: &str| match context.environment.look_up(name) {
            Lookup::Set(path) if !path.trim().is_empty() => {
                context.host.has_block(path.trim(), kind).unwrap_or(true)
            }
            _ => false,
        };
        ["", self.signal].into_iter().find_map(|signal| {
            let name = |rest: &str| format!("OTEL_EXPORTER_OTLP_{signal}{rest}");
            let (authority, own) = (name("CERTIFICATE"), name("CLIENT_CERTIFICATE"));
            if is_set(&authority, "BEGIN CERTIFICATE") {
                return Some(authority);
            }
            let has_pair =
                is_set(&own, "BEGIN CERTIFICATE") && is_set(&name("CLIENT_KEY"), "PRIVATE KEY");
            has_pair.then_some(own)
        })
    }
}
