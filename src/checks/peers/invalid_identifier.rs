//! An `Identifier` that does not make a valid address.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::value::host_port::split_host_port;
use std::net::Ipv6Addr;

check!(
    INVALID_IDENTIFIER,
    "peers/invalid-identifier",
    Warning,
    "`Identifier` does not make a valid address",
    "Refinery announces `http://<Identifier>:<port>` as is. With a scheme, a port or an IPv6 \
     address without brackets this is not a valid address, and no peer can send anything to it.",
    "Use a hostname or an address only, with an IPv6 address in brackets.",
    before: "\
General:
  ConfigurationVersion: 2
PeerManagement:
  Identifier: http://refinery-0
",
    change: "Identifier: http://refinery-0" => "Identifier: refinery-0",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let identifier = context.known("PeerManagement", "Identifier")?;
    let (_, port) = split_host_port(context.stage.text("Network", "PeerListenAddr")).ok()?;
    let host = identifier.text();
    let is_bracketed = host.starts_with('[') && host.ends_with(']');
    let is_wrong = host.contains(['/', ' ']) || host.contains(':') && !is_bracketed;
    (is_wrong && !context.is_alone()).then(|| {
        let finding =
            Finding::new(&INVALID_IDENTIFIER, format!("the node announces `http://{host}:{port}`"));
        let finding = finding.help(if host.parse::<Ipv6Addr>().is_ok() {
            format!("write it in brackets: `[{host}]`")
        } else {
            "use a hostname or an address, without scheme and port".to_owned()
        });
        identifier.place(finding, "inserted between `http://` and the port")
    })
}
