//! A name of the node that makes no address.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::value::host_port::split_host_port;
use std::net::Ipv6Addr;

check!(
    BAD_IDENTIFIER,
    "peers/bad-identifier",
    Warning,
    "an `Identifier` of which no address can be made",
    "the engine announces `http://<Identifier>:<port>`, whatever stands there: with a scheme, a \
     port or a bare IPv6 address that is no address, and no peer can send anything there",
    "write a name or an address alone; an IPv6 address in brackets",
    before: "\
General:
  ConfigurationVersion: 2
PeerManagement:
  Identifier: http://refinery-0
",
    change: "Identifier: http://refinery-0" => "Identifier: refinery-0",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let identifier = subject.known("PeerManagement", "Identifier")?;
    let (_, port) = split_host_port(subject.ground.text("Network", "PeerListenAddr")).ok()?;
    let host = identifier.text();
    let is_bracketed = host.starts_with('[') && host.ends_with(']');
    let is_wrong = host.contains(['/', ' ']) || host.contains(':') && !is_bracketed;
    (is_wrong && !subject.is_alone()).then(|| {
        let finding =
            Finding::new(&BAD_IDENTIFIER, format!("the node announces `http://{host}:{port}`"));
        let finding = finding.help(if host.parse::<Ipv6Addr>().is_ok() {
            format!("write it in brackets: `[{host}]`")
        } else {
            "write a name or an address alone, without scheme and port".to_owned()
        });
        identifier.place(finding, "put between `http://` and the port as it is")
    })
}
