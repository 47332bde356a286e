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
        let is_taken =
            port.parse().is_ok_and(|port: u16| ground.world.ports_in_use.contains(&port));
        if is_beyond {
            self.refuse(ground, format!("there is no port {port}"), "ports end at 65535", stage);
        } else if is_taken {
            let message = format!("port {port} is in use");
            self.refuse(ground, message, "another process has it", stage);
        } else if !is_everywhere(host) && !is_loopback(host) {
            self.judge_host(ground, host, stage);
        }
    }

    /// A name is resolved, and an address looked for, on the machine alone.
    fn judge_host(&self, ground: Ground<'_>, host: &str, stage: &mut Stage) {
        match host.parse().ok().and_then(|address| ground.world.has_address(address)) {
            Some(true) => {}
            Some(false) => {
                let message = format!("`{host}` is no address of the machine");
                self.refuse(ground, message, "not of this machine", stage);
            }
            None => stage.depend(format!("`{host}` being an address of the machine")),
        }
    }

    /// Without its metrics a node still serves.
    fn refuse(&self, ground: Ground<'_>, message: String, text: &str, stage: &mut Stage) {
        let finding = Finding::new(&CANNOT_LISTEN, message)
            .help("write an address and a free port of the machine, such as `0.0.0.0:8080`");
        let finding = ground.place(finding, self.group, self.key, text);
        if self.group == "PrometheusMetrics" {
            stage.findings.push(finding);
        } else {
            stage.fail(finding);
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

pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.starts_with("127.")
}
