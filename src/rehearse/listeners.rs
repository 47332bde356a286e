//! The stage that opens the ports: gRPC first, then HTTP for clients and for peers; Prometheus'
//! long before them.

use super::stage::{Ground, Stage};
use super::world::{Denial, is_everywhere};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Quirk;
use crate::value::host_port::split_host_port;
use crate::value::port::Port;

check!(
    CANNOT_LISTEN,
    "start/cannot-listen",
    Error,
    "an address that nothing can listen at",
    "the validator looks at the shape of an address alone. A gRPC listener that fails makes the \
     process panic; an HTTP listener that fails leaves a line in the log and a process that never \
     serves"
);
check!(
    LISTENERS_COLLIDE,
    "start/listeners-collide",
    Error,
    "two listeners want the same port",
    "one of them gets it and the other leaves a line in the log, if that; the process goes on without \
     it, and traffic of one kind may be taken for the other"
);

/// What wants to listen, and at which key's address.
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

pub fn walk(ground: Ground<'_>) -> Stage {
    let mut stage = Stage::new("listeners");
    let mut open: Vec<(&Listener, String, String)> = Vec::new();
    for listener in LISTENERS.iter().filter(|l| l.is_wanted(ground)) {
        let address = ground.text(listener.group, listener.key);
        stage.decide(listener.what, address);
        let Ok((host, port)) = split_host_port(address) else {
            listener.judge_shapeless(ground, &mut stage);
            continue;
        };
        listener.judge(ground, host, port, &mut stage);
        let rival = open.iter().find(|(_, h, p)| p == port && port != "0" && overlap(h, host));
        if let Some((rival, ..)) = rival {
            collide(ground, listener, rival, port, &mut stage);
        }
        open.push((listener, host.to_owned(), port.to_owned()));
    }
    stage
}

impl Listener {
    fn is_wanted(&self, ground: Ground<'_>) -> bool {
        let is_enabled = match self.group {
            "Network" => true,
            group => ground.is_on(group, "Enabled"),
        };
        is_enabled && !ground.text(self.group, self.key).is_empty()
    }

    /// Only `--no-validate` lets an address without a port come here.
    fn judge_shapeless(&self, ground: Ground<'_>, stage: &mut Stage) {
        if self.what == "incoming HTTP" && !ground.is_unknown(self.group, self.key) {
            let finding = Finding::new(&CANNOT_LISTEN, "`Network.ListenAddr` has no port")
                .help("write an address and a port, such as `0.0.0.0:8080`");
            let text = "the engine listens at port 80 of all addresses instead";
            stage.findings.push(ground.place(finding, self.group, self.key, text));
            stage.depend("port 80 being free, and allowed to the process");
        }
    }

    fn judge(&self, ground: Ground<'_>, host: &str, port: &str, stage: &mut Stage) {
        let number = match Port::parse(port) {
            Port::Number(number) => number.to_string(),
            Port::Service(name) => match ground.world.service(name) {
                Some(Some(number)) => number.to_string(),
                Some(None) => {
                    let message = format!("there is no port `{port}`");
                    self.refuse(ground, &message, "the machine knows no such service", stage);
                    return;
                }
                None => {
                    stage.depend(format!("the machine knowing a service `{port}`"));
                    return;
                }
            },
            Port::Beyond => {
                let message = format!("there is no port {port}");
                self.refuse(ground, &message, "ports go from 0 to 65535", stage);
                return;
            }
            Port::Invalid => {
                let message = format!("{port:?} is no port");
                self.refuse(ground, &message, "neither a decimal number nor a name", stage);
                return;
            }
        };
        let port = number.as_str();
        match ground.world.listen(host, port) {
            Some(Ok(())) => {}
            Some(Err(denial)) => {
                let (message, text) = describe(denial, host, port);
                self.refuse(ground, &message, text, stage);
            }
            None if is_everywhere(host) => stage.depend(format!("port `{port}` being free")),
            None => stage.depend(format!("`{host}` being an address of the machine")),
        }
    }

    /// Without its metrics a node still serves, and one of an older release without gRPC.
    fn refuse(&self, ground: Ground<'_>, message: &str, text: &str, stage: &mut Stage) {
        let needs_grpc = ground.quirks.has(Quirk::NeedsGrpcListener);
        let (fate, is_optional) = match self.what {
            "gRPC" if needs_grpc => ("the process panics", false),
            "gRPC" => ("the process goes on without gRPC", true),
            "Prometheus" => ("there are no metrics", true),
            "peer HTTP" => ("the node gets ready, and no other node reaches it", false),
            _ => ("the node never gets ready", false),
        };
        let message = format!("{message}: {fate}");
        let finding = Finding::new(&CANNOT_LISTEN, message)
            .help("write an address and a free port of the machine, such as `0.0.0.0:8080`");
        let finding = ground.place(finding, self.group, self.key, text);
        if is_optional {
            stage.findings.push(finding);
        } else {
            stage.fail(finding);
        }
    }
}

/// A message, and a word for the place.
fn describe(denial: Denial, host: &str, port: &str) -> (String, &'static str) {
    match denial {
        Denial::PortInUse => (format!("port {port} is in use"), "another process has it"),
        Denial::NotOfThisMachine => {
            (format!("`{host}` is not an address of the machine"), "not of this machine")
        }
        Denial::NotResolved => (format!("`{host}` is a name without an address"), "not resolved"),
        Denial::NotPermitted => {
            (format!("port {port} takes a right that this process lacks"), "not permitted")
        }
        Denial::Other => {
            (format!("the machine lets nothing listen at `{host}`"), "the machine refuses it")
        }
    }
}

fn collide(ground: Ground<'_>, later: &Listener, first: &Listener, port: &str, stage: &mut Stage) {
    let message = format!("{} and {} both want port {port}", first.what, later.what);
    let finding =
        Finding::new(&LISTENERS_COLLIDE, message).help("give each listener a port of its own");
    let finding = ground.place(finding, later.group, later.key, later.what);
    stage.fail(ground.place(finding, first.group, first.key, first.what));
}

fn overlap(a: &str, b: &str) -> bool {
    a == b || is_everywhere(a) || is_everywhere(b)
}
