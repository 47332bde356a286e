//! A peer address that peers cannot reach.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::rehearse::is_loopback;
use crate::value::host_port::split_host_port;
use crate::value::url::parse_url;

check!(
    UNREACHABLE_ADDRESS,
    "peers/unreachable-address",
    Warning,
    "peers cannot reach the address of this node",
    "The node announces its name with the port of `PeerListenAddr`. If it listens on the loopback \
     interface, or on port 0 and thus a random port, no peer can connect.",
    "Listen on all interfaces, on a fixed port.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let address = context.known("Network", "PeerListenAddr")?;
    let (host, port) = split_host_port(address.text()).ok()?;
    let text = match (is_loopback(host), port) {
        (true, _) => "only reachable from this machine",
        (_, "0") => "listens on a random port, announces 0",
        _ => return None,
    };
    (context.has_peers() && !are_local(context)).then(|| {
        let finding = Finding::new(&UNREACHABLE_ADDRESS, "no peer can reach this node")
            .help("write `PeerListenAddr: 0.0.0.0:8081`");
        address.place(finding, text)
    })
}

/// All peers run on this machine.
fn are_local(context: &CheckContext<'_>) -> bool {
    let host = |peer: &String| parse_url(peer).map(|url| url.host).unwrap_or_default();
    let is_local = |peer: &String| split_host_port(&host(peer)).is_ok_and(|(h, _)| is_loopback(h));
    let peers = context.config_key("PeerManagement", "Peers");
    peers.is_some_and(|peers| !peers.texts().is_empty() && peers.texts().iter().all(is_local))
}
