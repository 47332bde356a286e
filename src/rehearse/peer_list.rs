//! How a node of an older release finds itself in the list of peers.

use super::stage::{Stage, StageContext};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Quirk;
use crate::value::host_port::split_host_port;
use crate::value::url::parse_url;
use std::net::IpAddr;

check!(
    NOT_AMONG_PEERS,
    "start/not-among-peers",
    Error,
    kind: Verdict,
    "the node is not in its list of peers",
    "Releases before v2.9.6 look for the node itself in the list of peers, wait for 25 seconds if \
     it is missing, and exit with status 1. Releases before v2.7.0 exit immediately if a peer's \
     name does not resolve or its address is not a URL."
);

const LISTEN: (&str, &str) = ("Network", "PeerListenAddr");
const IDENTIFIER: (&str, &str) = ("PeerManagement", "Identifier");

/// The list of peers if none is configured.
const DEFAULT_PEER: &str = "http://127.0.0.1:8081";

/// Fails the stage if the node is certainly not in the list of peers in the file.
pub fn find_self(context: StageContext<'_>, peers: &[String], stage: &mut Stage) {
    let looks = [Quirk::FindsSelfByListenAddress, Quirk::FindsSelfByInterface];
    let keys = [LISTEN, IDENTIFIER, ("PeerManagement", "Peers")];
    let looks = looks.iter().any(|quirk| context.quirks.has(*quirk));
    if !looks || depends_on_variables(context, &keys, stage) {
        return;
    }
    let Ok((host, port)) = split_host_port(context.text(LISTEN.0, LISTEN.1)) else { return };
    let usual = [DEFAULT_PEER.to_owned()];
    let failure = if context.quirks.has(Quirk::FindsSelfByListenAddress) {
        find_by_listen_address(peers, host, port)
    } else if context.quirks.has(Quirk::FindsSelfByInterface) {
        find_by_interface(context, if peers.is_empty() { &usual } else { peers }, port, stage)
    } else {
        None
    };
    if let Some(failure) = failure {
        let key = if peers.is_empty() { LISTEN } else { ("PeerManagement", "Peers") };
        failure.report(context, key, stage);
    }
}

/// With peers in Redis, a node finds the name that it registered there itself.
pub fn find_identifier(context: StageContext<'_>, stage: &mut Stage) {
    let needs_itself = context.quirks.has(Quirk::FindsSelfByInterface);
    if !needs_itself || depends_on_variables(context, &[LISTEN, IDENTIFIER], stage) {
        return;
    }
    let Ok((_, port)) = split_host_port(context.text(LISTEN.0, LISTEN.1)) else { return };
    let identifier = context.text(IDENTIFIER.0, IDENTIFIER.1);
    if !identifier.is_empty() {
        let own = [format!("http://{identifier}:{port}")];
        if let Some(failure) = find_by_interface(context, &own, port, stage) {
            failure.report(context, IDENTIFIER, stage);
        }
    }
}

/// Whether one of these keys has unknown variables, so that nothing is certain.
fn depends_on_variables(
    context: StageContext<'_>,
    keys: &[(&str, &str)],
    stage: &mut Stage,
) -> bool {
    let unknown = keys.iter().find(|(group, key)| context.is_unknown(group, key));
    if let Some((group, key)) = unknown {
        let names = context.unknown_variables(group, key).join("`, `");
        stage.depend(format!("`{names}` being an address of this node"));
    }
    unknown.is_some()
}

struct Failure {
    message: String,
    help: String,
}

impl Failure {
    fn report(self, context: StageContext<'_>, (group, key): (&str, &str), stage: &mut Stage) {
        let finding = Finding::new(&NOT_AMONG_PEERS, self.message).help(self.help);
        stage.fail(context.place(finding, group, key, "Refinery exits here"));
    }
}

/// The listen address must equal one of the peers; an empty list means the node is alone.
fn find_by_listen_address(peers: &[String], host: &str, port: &str) -> Option<Failure> {
    let own = format!("http://{host}:{port}");
    let is_missing = !peers.is_empty() && !peers.contains(&own);
    is_missing.then(|| Failure {
        message: format!("`{own}` is not in `Peers`"),
        help: format!(
            "add `{own}` to `Peers`, or use v2.9.6 or later, which adds it automatically"
        ),
    })
}

/// What is known about one peer.
enum Peer {
    Own,
    Other,
    /// Its name does not resolve, or it is not a URL.
    Broken(String),
    /// Another node, if its name resolves.
    Unresolved,
    /// Depends on the machine.
    Unknown,
}

/// One of the peers must have the node's port and an address of its interfaces, and all names must
/// resolve.
fn find_by_interface(
    context: StageContext<'_>,
    peers: &[String],
    port: &str,
    stage: &mut Stage,
) -> Option<Failure> {
    let mut is_found = false;
    let (mut unknown, mut unresolved) = (Vec::new(), Vec::new());
    for peer in peers {
        match classify_peer(context, peer, port) {
            Peer::Own => is_found = true,
            Peer::Other => {}
            Peer::Broken(why) => {
                return Some(Failure {
                    message: format!("the peer `{peer}` {why}"),
                    help: "use addresses that the node can resolve; releases before v2.5.0 do \
                           not support a list of peers"
                        .to_owned(),
                });
            }
            Peer::Unresolved => unresolved.push(format!("`{peer}`")),
            Peer::Unknown => unknown.push(format!("`{peer}`")),
        }
    }
    if !is_found && unknown.is_empty() {
        return Some(Failure {
            message: format!("no peer has port `{port}` and an address of this machine"),
            help: format!("add `http://<address of this machine>:{port}` to `Peers`"),
        });
    }
    if !is_found {
        stage.depend(format!("one of the peers {} being this machine", unknown.join(", ")));
    } else if !unknown.is_empty() || !unresolved.is_empty() {
        let names = [unknown, unresolved].concat().join(", ");
        stage.depend(format!("the names of the peers {names} resolving"));
    }
    None
}

fn classify_peer(context: StageContext<'_>, peer: &str, port: &str) -> Peer {
    let Ok(url) = parse_url(peer) else { return Peer::Broken("is not a URL".to_owned()) };
    let (host, at) = split_host_port(&url.host).unwrap_or((&url.host, ""));
    let host = host.trim_matches(['[', ']']);
    if host.is_empty() {
        return Peer::Broken("has no host".to_owned());
    }
    let may_be_own = at == port;
    // An identifier that is an address replaces those of the machine.
    let identifier: Option<IpAddr> = context.text("PeerManagement", "Identifier").parse().ok();
    match context.host.resolve(host) {
        Some(addresses) if addresses.is_empty() => {
            Peer::Broken("has a name that does not resolve".to_owned())
        }
        Some(addresses) => {
            let is_own = |address: IpAddr| {
                let has = || context.host.has_address(address);
                identifier.map_or_else(has, |identifier| Some(identifier == address))
            };
            let answers: Vec<Option<bool>> = addresses.into_iter().map(is_own).collect();
            match () {
                () if !may_be_own => Peer::Other,
                () if answers.contains(&Some(true)) => Peer::Own,
                () if answers.contains(&None) => Peer::Unknown,
                () => Peer::Other,
            }
        }
        None if may_be_own => Peer::Unknown,
        None => Peer::Unresolved,
    }
}
