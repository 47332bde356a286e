//! An address for peers that peers cannot reach.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::rehearse::is_loopback;
use crate::value::host_port::split_host_port;
use crate::value::url::parse_url;

check!(
    NOT_REACHABLE,
    "peers/not-reachable",
    Warning,
    "the address for peers is one that they cannot reach",
    "the node announces its name with the port of `PeerListenAddr`; where that listens at the \
     loopback interface, or at port 0 and so at another one, no peer gets through",
    "listen at all interfaces, at a fixed port",
    before: "\
General:
  ConfigurationVersion: 2
Network:
  PeerListenAddr: 127.0.0.1:8081
PeerManagement:
  Type: redis
",
    change: "PeerListenAddr: 127.0.0.1:8081" => "PeerListenAddr: 0.0.0.0:8081",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let address = subject.known("Network", "PeerListenAddr")?;
    let (host, port) = split_host_port(address.text()).ok()?;
    let text = match (is_loopback(host), port) {
        (true, _) => "open to this machine alone",
        (_, "0") => "any free port, while port 0 is announced",
        _ => return None,
    };
    (subject.has_peers() && !are_local(subject)).then(|| {
        let finding = Finding::new(&NOT_REACHABLE, "no peer can reach this node")
            .help("write `PeerListenAddr: 0.0.0.0:8081`");
        address.place(finding, text)
    })
}

/// All peers are on this machine.
fn are_local(subject: &Subject<'_>) -> bool {
    let host = |peer: &String| parse_url(peer).map(|url| url.host).unwrap_or_default();
    let is_local = |peer: &String| split_host_port(&host(peer)).is_ok_and(|(h, _)| is_loopback(h));
    let peers = subject.held("PeerManagement", "Peers");
    peers.is_some_and(|peers| !peers.texts().is_empty() && peers.texts().iter().all(is_local))
}
