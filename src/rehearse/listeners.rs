//! The stage that opens the ports: gRPC first, then HTTP for clients and for peers. The Prometheus
//! port is opened long before.

use super::host::{Denial, address, is_everywhere};
use super::stage::{Stage, StageContext};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Quirk;
use crate::value::host_port::split_host_port;
use crate::value::port::Port;

check!(
    CANNOT_LISTEN,
    "start/cannot-listen",
    Error,
    kind: Verdict,
    "Refinery cannot listen on this address",
    "Refinery only validates the format of an address. It panics if the gRPC listener fails; if \
     an HTTP listener fails, it logs an error and never serves."
);
check!(
    LISTENERS_COLLIDE,
    "start/listeners-collide",
    Error,
    kind: Verdict,
    "two listeners use the same port",
    "One of them gets the port, and the other at most logs an error. Refinery continues without \
     it, and one kind of traffic may arrive at the other listener."
);

check!(
    CONNECTIONS_CRASH,
    "start/connections-crash",
    Error,
    kind: Verdict,
    "Refinery crashes on the first gRPC connection",
    "The gRPC server randomly varies the maximum age of each connection by up to 10 %, and panics if \
     there is nothing to vary. The process becomes ready, and exits with status 2 when the first client connects."
);

/// A listener and the key with its address.
struct Listener {
    what: &'static str,
    group: &'static str,
    key: &'static str,
}

const LISTENERS: [Listener; 4] = [
    Listener { what: "gRPC", group: "GRPCServerParameters", key: "ListenAddr" },
    Listener { what: "incoming HTTP", group: "Network", key: "ListenAddr" },
    Listener { what: "peer HTTP", group: "Network", key: "PeerListenAddr" },
    Listener { what: "Prometheus", group: "PrometheusMetrics", key: "ListenAddr" },
];

pub fn walk(context: StageContext<'_>) -> Stage {
    let mut stage = Stage::new("listeners");
    let mut open: Vec<(&Listener, String, String)> = Vec::new();
    for listener in LISTENERS.iter().filter(|l| l.is_wanted(context)) {
        let address = context.text(listener.group, listener.key);
        stage.decide(listener.what, address);
        let parts = split_host_port(address).ok();
        let Some((host, port)) = parts.or_else(|| listener.default_port(context, &mut stage))
        else {
            continue;
        };
        // A listener that cannot listen does not conflict with others.
        let Some(port) = listener.check(context, host, port, &mut stage) else { continue };
        let rival = open.iter().find(|(_, h, p)| *p == port && port != "0" && overlap(h, host));
        if let Some((rival, ..)) = rival {
            collide(context, listener, rival, &port, &mut stage);
        }
        open.push((listener, host.to_owned(), port));
        if listener.what == "gRPC" {
            check_age(context, &mut stage);
        }
    }
    stage
}

/// The server randomly varies the age of connections within a range of a fifth of it.
fn check_age(context: StageContext<'_>, stage: &mut Stage) {
    const GROUP: &str = "GRPCServerParameters";
    const KEY: &str = "MaxConnectionAge";
    /// Below this, a fifth of the age is too small to vary.
    const LEAST: i128 = 10;
    let age = context.number(GROUP, KEY);
    if age != 0 && age < LEAST {
        let message = format!("Refinery panics on `{GROUP}.{KEY}` at the first gRPC connection");
        let finding = Finding::new(&CONNECTIONS_CRASH, message).help("use a duration such as `3m`");
        stage.findings.push(context.place(finding, GROUP, KEY, "too short to vary"));
    }
}

impl Listener {
    fn is_wanted(&self, context: StageContext<'_>) -> bool {
        let is_enabled = match self.group {
            "Network" => true,
            // Without a port this address stops the HTTP listener, too.
            _ if self.what == "gRPC" && !context.quirks.has(Quirk::ListensWithoutPort) => {
                let address = context.text(self.group, self.key);
                context.is_on(self.group, "Enabled") || split_host_port(address).is_err()
            }
            group => context.is_on(group, "Enabled"),
        };
        is_enabled && !context.text(self.group, self.key).is_empty()
    }

    /// The host and port of a listener whose address has no port, if it listens at all. Only with
    /// `--no-validate` can an address lack a port here.
    fn default_port(
        &self,
        context: StageContext<'_>,
        stage: &mut Stage,
    ) -> Option<(&'static str, &'static str)> {
        // Without a peer port the process exits long before.
        if self.what == "peer HTTP" || context.is_unknown(self.group, self.key) {
            return None;
        }
        let has_default = context.quirks.has(Quirk::ListensWithoutPort);
        let message = format!("`{}.{}` has no port", self.group, self.key);
        if self.what == "incoming HTTP" && has_default {
            let finding = Finding::new(&CANNOT_LISTEN, message)
                .help("use an address and a port, such as `0.0.0.0:8080`");
            let text = "Refinery listens on port 80 instead";
            stage.findings.push(context.place(finding, self.group, self.key, text));
            return Some(("", "80"));
        }
        let fate = match self.what {
            "gRPC" if has_default => Fate::WITHOUT_GRPC,
            // Both addresses are read before either is used.
            "gRPC" => Fate::NEVER_READY,
            _ => self.fate(context),
        };
        self.refuse(context, &message, "expected an address and a port", fate, stage);
        None
    }

    /// What happens if it cannot listen. A node can serve without metrics, and an older release
    /// without gRPC.
    fn fate(&self, context: StageContext<'_>) -> Fate {
        let needs_grpc = context.quirks.has(Quirk::NeedsGrpcListener);
        let (text, is_optional) = match self.what {
            "gRPC" if needs_grpc => ("Refinery panics", false),
            "gRPC" => return Fate::WITHOUT_GRPC,
            "Prometheus" => ("there are no metrics", true),
            "peer HTTP" => ("the node becomes ready, but other nodes cannot reach it", false),
            _ => return Fate::NEVER_READY,
        };
        Fate { text, is_optional }
    }

    /// Its port as a number, or a name that only the machine knows, if it may listen.
    fn check(
        &self,
        context: StageContext<'_>,
        host: &str,
        port: &str,
        stage: &mut Stage,
    ) -> Option<String> {
        let unknown = context.unknown_variables(self.group, self.key);
        // What a tool fills in may contain the last colon.
        let is_end = |name: &str, part: &str| name.ends_with(&format!(":{part}"));
        let is_unknown = |part: &str| {
            unknown.iter().any(|name| part.contains(name.as_str()) || is_end(name, part))
        };
        if is_unknown(port) {
            return None;
        }
        let fate = self.fate(context);
        let number = match Port::parse(port) {
            Port::Number(number) => number.to_string(),
            Port::Service(name) => match context.host.service(name) {
                Some(Some(number)) => number.to_string(),
                Some(None) => {
                    let message = format!("unknown port `{port}`");
                    self.refuse(context, &message, "the machine has no such service", fate, stage);
                    return None;
                }
                None => {
                    fate.depend(format!("the machine having a service `{port}`"), stage);
                    return Some(port.to_owned());
                }
            },
            Port::OutOfRange => {
                let message = format!("invalid port {port}");
                self.refuse(context, &message, "ports range from 0 to 65535", fate, stage);
                return None;
            }
            Port::Invalid => {
                let message = format!("invalid port {port:?}");
                self.refuse(context, &message, "expected a decimal number or a name", fate, stage);
                return None;
            }
        };
        if is_unknown(host) {
            return Some(number);
        }
        let port = number.as_str();
        match context.host.listen(host, port) {
            Some(Ok(())) => {}
            Some(Err(denial)) => {
                let (message, text) = describe(denial, host, port);
                self.refuse(context, &message, text, fate, stage);
                return None;
            }
            None if is_everywhere(host) => fate.depend(format!("port `{port}` being free"), stage),
            None => fate.depend(format!("`{host}` being an address of the machine"), stage),
        }
        Some(number)
    }

    fn refuse(
        &self,
        context: StageContext<'_>,
        message: &str,
        text: &str,
        fate: Fate,
        stage: &mut Stage,
    ) {
        let message = format!("{message}: {}", fate.text);
        let finding = Finding::new(&CANNOT_LISTEN, message)
            .help("use an address of the machine and a free port, such as `0.0.0.0:8080`");
        let finding = context.place(finding, self.group, self.key, text);
        if fate.is_optional {
            stage.findings.push(finding);
        } else {
            stage.fail(finding);
        }
    }
}

/// What becomes of a node if one listener fails.
#[derive(Clone, Copy)]
struct Fate {
    text: &'static str,
    /// The node becomes ready all the same.
    is_optional: bool,
}

impl Fate {
    const NEVER_READY: Self = Self { text: "the node never becomes ready", is_optional: false };
    const WITHOUT_GRPC: Self = Self { text: "Refinery continues without gRPC", is_optional: true };

    /// What the machine decides only matters if the node needs the listener.
    fn depend(self, on: impl Into<String>, stage: &mut Stage) {
        if !self.is_optional {
            stage.depend(on);
        }
    }
}

/// A message, and a label.
fn describe(denial: Denial, host: &str, port: &str) -> (String, &'static str) {
    match denial {
        Denial::PortInUse => (format!("port {port} is in use"), "used by another process"),
        Denial::NotOfThisMachine => {
            (format!("`{host}` is not an address of the machine"), "not an address of this machine")
        }
        Denial::NotResolved => (format!("cannot resolve `{host}`"), "not resolved"),
        Denial::NotPermitted => (format!("no permission to use port {port}"), "not permitted"),
        Denial::Other => (format!("cannot listen on `{host}`"), "rejected by the machine"),
    }
}

fn collide(
    context: StageContext<'_>,
    later: &Listener,
    first: &Listener,
    port: &str,
    stage: &mut Stage,
) {
    let message = format!("{} and {} both use port {port}", first.what, later.what);
    let finding =
        Finding::new(&LISTENERS_COLLIDE, message).help("use a different port for each listener");
    let finding = context.place(finding, later.group, later.key, later.what);
    let finding = context.place(finding, first.group, first.key, first.what);
    // Whichever gets the port, the node becomes ready.
    if [first, later].iter().all(|listener| listener.fate(context).is_optional) {
        stage.findings.push(finding);
    } else {
        stage.fail(finding);
    }
}

fn overlap(a: &str, b: &str) -> bool {
    is_same(a, b) || is_everywhere(a) || is_everywhere(b)
}

/// Go listens on the IPv4 address of `localhost`.
fn is_same(a: &str, b: &str) -> bool {
    let [one, other] =
        [a, b].map(|host| address(if host == "localhost" { "127.0.0.1" } else { host }));
    a == b || one.is_some() && one == other
}
