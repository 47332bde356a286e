//! A node that announces its host's name.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    ANNOUNCES_HOSTNAME,
    "peers/announces-hostname",
    Note,
    "the node tells its peers the name of its host",
    "without an `Identifier` or an interface the name of the host is announced; names of pods are \
     not resolved by others, and spans that are sent there are lost",
    "write `IdentifierInterfaceName` or `Identifier`, unless all nodes can resolve the name",
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

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let kind = subject.known("PeerManagement", "Type")?;
    let is_unnamed = ["Identifier", "IdentifierInterfaceName"]
        .iter()
        .all(|name| subject.ground.text("PeerManagement", name).is_empty());
    (subject.has_peers() && kind.text() == "redis" && is_unnamed).then(|| {
        let finding = Finding::new(&ANNOUNCES_HOSTNAME, "peers are told the name of the host")
            .help("write `IdentifierInterfaceName: eth0`, unless all nodes can resolve the name");
        kind.place(finding, "nothing else names the node")
    })
}
