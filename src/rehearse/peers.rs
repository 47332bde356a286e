//! The stage that determines the peers and the address that this node announces.

use super::listeners::CANNOT_LISTEN;
use super::logger::UNKNOWN_IMPLEMENTATION;
use super::peer_list;
use super::stage::{Stage, StageContext};
use crate::check;
use crate::config::effective_value::Typed;
use crate::diagnostic::Finding;
use crate::schema::Quirk;
use crate::value::host_port::split_host_port;
use std::net::IpAddr;

check!(
    UNKNOWN_INTERFACE,
    "start/unknown-interface",
    Error,
    kind: Verdict,
    "the network interface does not exist",
    "Refinery looks up the interface at start-up, with Redis and since v2.9.6 also with a list of \
     peers, and exits with status 1."
);

pub fn walk(context: StageContext<'_>) -> Stage {
    let mut stage = Stage::new("peers");
    let kind = context.text("PeerManagement", "Type");
    stage.decide("type", kind);
    let is_unknown = context.is_unknown("PeerManagement", "Type");
    if !matches!(kind, "file" | "redis") && !is_unknown {
        let message = format!("unknown peer management type `{kind}`");
        let finding =
            Finding::new(&UNKNOWN_IMPLEMENTATION, message).help("expected `file` or `redis`");
        stage.fail(context.place(finding, "PeerManagement", "Type", "Refinery panics here"));
    }
    if kind == "file" {
        stage.decide("listed peers", listed(context).len());
    }
    find_port(context, &mut stage);
    if kind != "file" || context.quirks.has(Quirk::IdentifiesFilePeers) {
        identify(context, &mut stage);
    }
    if kind == "file" {
        peer_list::find_self(context, listed(context), &mut stage);
    } else {
        peer_list::find_identifier(context, &mut stage);
    }
    stage
}

fn listed(context: StageContext<'_>) -> &[String] {
    match context.setting("PeerManagement", "Peers").map(|s| &s.typed) {
        Some(Typed::Texts(peers)) => peers,
        _ => &[],
    }
}

/// Nodes also announce their port. Only with `--no-validate` can an address lack one here.
fn find_port(context: StageContext<'_>, stage: &mut Stage) {
    const KEY: (&str, &str) = ("Network", "PeerListenAddr");
    if split_host_port(context.text(KEY.0, KEY.1)).is_err() && !context.is_unknown(KEY.0, KEY.1) {
        let finding = Finding::new(&CANNOT_LISTEN, "`Network.PeerListenAddr` has no port")
            .help("use an address and a port, such as `0.0.0.0:8081`");
        stage.fail(context.place(finding, KEY.0, KEY.1, "Refinery exits here"));
    }
}

/// The name of the node: the configured one, or the address of an interface, or the hostname.
fn identify(context: StageContext<'_>, stage: &mut Stage) {
    let identifier = context.text("PeerManagement", "Identifier");
    let interface = context.text("PeerManagement", "IdentifierInterfaceName");
    if !identifier.is_empty() {
        stage.decide("announced as", identifier);
    } else if !interface.is_empty() {
        let family =
            if context.is_on("PeerManagement", "UseIPV6Identifier") { "IPv6" } else { "IPv4" };
        if let Some(known) = &context.host.machine.interfaces {
            find_address(context, known.get(interface), interface, family, stage);
        } else {
            stage.decide("announced as", format!("an {family} address of `{interface}`"));
            stage.depend(format!("an interface `{interface}` with an {family} address"));
        }
    } else {
        let name = context.host.machine.hostname.as_deref().unwrap_or("the hostname");
        stage.decide("announced as", name);
    }
}

/// The first address of that family.
fn find_address(
    context: StageContext<'_>,
    addresses: Option<&Vec<IpAddr>>,
    interface: &str,
    family: &str,
    stage: &mut Stage,
) {
    let wants_v6 = family == "IPv6";
    let fits = |address: &&IpAddr| address.is_ipv6() == wants_v6;
    let message = match addresses.map(|all| all.iter().find(fits)) {
        Some(Some(address)) => {
            stage.decide("announced as", address);
            return;
        }
        Some(None) => format!("interface `{interface}` has no {family} address"),
        None => format!("the machine has no interface `{interface}`"),
    };
    let finding = Finding::new(&UNKNOWN_INTERFACE, message)
        .help("use an interface that the machine has, or set `Identifier`");
    let text = "Refinery exits here";
    stage.fail(context.place(finding, "PeerManagement", "IdentifierInterfaceName", text));
}
