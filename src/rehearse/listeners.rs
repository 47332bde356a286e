//! The stage that opens the ports: gRPC first, then HTTP for clients and for peers; Prometheus'
//! long before them.

use super::stage::{Ground, Stage};
use crate::check;
use crate::diagnostic::Finding;
use crate::value::host_port::split_host_port;

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
        let Ok((host, port)) = split_host_port(address) else { continue };
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

    fn judge(&self, ground: Ground<'_>, host: &str, port: &str, stage: &mut Stage) {
        let is_beyond = port.parse::<u64>().is_ok_and(|port| port > 65_535)
            || (port.len() > 19 && port.bytes().all(|b| b.is_ascii_digit()));
        if is_beyond {
            let finding = Finding::new(&CANNOT_LISTEN, format!("there is no port {port}"))
                .help("write a port from 1 to 65535");
            let finding = ground.place(finding, self.group, self.key, "ports end at 65535");
            // Without its metrics the node still serves.
            if self.group == "PrometheusMetrics" {
                stage.findings.push(finding);
            } else {
                stage.fail(finding);
            }
        } else if !is_everywhere(host) && !is_loopback(host) {
            stage.depend(format!("the machine having the address `{host}`"));
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

fn is_everywhere(host: &str) -> bool {
    matches!(host, "" | "0.0.0.0" | "::")
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.starts_with("127.")
}
