//! A node that announces its hostname.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    ANNOUNCES_HOSTNAME,
    "peers/announces-hostname",
    Note,
    "the node announces its hostname to its peers",
    "Without `Identifier` or `IdentifierInterfaceName`, Refinery announces the hostname. Pods \
     cannot resolve each other's hostnames, and spans sent there are lost.",
    "Add `IdentifierInterfaceName` or `Identifier`, unless all nodes can resolve the name.",
    before: "\
General:
  ConfigurationVersion: 2
PeerManagement:
  Type: redis
",
    change: "Type: redis" => "\
Type: redis
  IdentifierInterfaceName: eth0",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let kind = context.known("PeerManagement", "Type")?;
    let is_unnamed = ["Identifier", "IdentifierInterfaceName"]
        .iter()
        .all(|name| context.stage.text("PeerManagement", name).is_empty());
    (context.has_peers() && kind.text() == "redis" && is_unnamed).then(|| {
        let finding =
            Finding::new(&ANNOUNCES_HOSTNAME, "the node announces its hostname to its peers").help(
                "add `IdentifierInterfaceName: eth0`, unless all nodes can resolve the hostname",
            );
        kind.place(finding, "no `Identifier` is set")
    })
}
