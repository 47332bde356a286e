//! The node's own address in another spelling.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::config_key::strings_in;
use crate::diagnostic::Finding;
use crate::rehearse::{Host, is_loopback};
use crate::schema::Quirk;
use crate::value::host_port::split_host_port;
use crate::value::url::parse_url;

check!(
    OWN_ADDRESS_DIFFERS,
    "peers/own-address-differs",
    Warning,
    "`Peers` contains this node under another name",
    "Refinery adds itself as `http://<its name>:<its port>` and compares strings. A different \
     spelling counts as a different node, and the node keeps sending its spans to itself.",
    "Remove the entry, or write it exactly as the node announces itself.",
    before: "\
General:
  ConfigurationVersion: 2
PeerManagement:
  Identifier: refinery-0
  Peers: [\"http://Refinery-0:8081\", \"http://refinery-1:8081\"]
",
    change: "Peers: [\"http://Refinery-0:8081\", \"http://refinery-1:8081\"]" => "Peers: \
                                                                                  [\"http://refinery-0:8081\", \"http://refinery-1:8081\"]",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let Some(peers) = context.known("PeerManagement", "Peers") else { return Vec::new() };
    let is_listed = context.stage.text("PeerManagement", "Type") == "file"
        && context.stage.quirks.has(Quirk::AddsItselfToListedPeers);
    let Some(own) = Own::of(context).filter(|_| is_listed) else { return Vec::new() };
    let item = context.item(peers.group, peers.name);
    let listed = item.map(strings_in).unwrap_or_default();
    let aliases = listed.into_iter().filter(|item| item.text().is_some_and(|text| own.is(text)));
    aliases
        .map(|item| {
            let message = format!(
                "this node is listed as its own peer; it announces itself as `{}`",
                own.address()
            );
            Finding::new(&OWN_ADDRESS_DIFFERS, message)
                .help("remove the entry, or write it exactly like this")
                .at_some(item.span, "the same node under another name")
        })
        .collect()
}

/// The address that the node announces.
struct Own<'a> {
    name: Option<&'a str>,
    port: &'a str,
    host: &'a Host,
}

impl<'a> Own<'a> {
    fn of(context: &'a CheckContext<'_>) -> Option<Self> {
        let stage = context.stage;
        let (_, port) = split_host_port(stage.text("Network", "PeerListenAddr")).ok()?;
        let written = context.known("PeerManagement", "Identifier")?;
        let identifier = stage.text(written.group, written.name);
        let has_interface = !stage.text("PeerManagement", "IdentifierInterfaceName").is_empty();
        let host = match identifier {
            "" if has_interface => None,
            "" => stage.host.machine.hostname.as_deref(),
            identifier => Some(identifier),
        };
        Some(Self { name: host, port, host: stage.host })
    }

    fn address(&self) -> String {
        format!("http://{}:{}", self.name.unwrap_or("<its name>"), self.port)
    }

    /// Another spelling of the node's own address.
    fn is(&self, peer: &str) -> bool {
        let Ok(url) = parse_url(peer) else { return false };
        let (host, port) = split_host_port(&url.host).unwrap_or((&url.host, "80"));
        let is_own = self.name.is_some_and(|own| own.eq_ignore_ascii_case(host))
            || host.parse().is_ok_and(|address| self.host.has_address(address) == Some(true));
        port == self.port && (is_own || is_loopback(host)) && peer != self.address()
    }
}
