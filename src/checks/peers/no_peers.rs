//! Several nodes that do not know each other.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    NO_PEERS,
    "peers/no-peers",
    Warning,
    "the cluster has several nodes, and each thinks that it is alone",
    "with `Type: file` and no `Peers` a node keeps every span that it is sent: the spans of one \
     trace lie on several nodes, and each decides on a part of it"
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let kind = subject.known("PeerManagement", "Type")?;
    let replicas = subject.ground.world.machine.replicas.filter(|&replicas| replicas > 1)?;
    (!subject.has_peers()).then(|| {
        let message = format!("each of {replicas} nodes decides alone: there are no peers");
        let finding = Finding::new(&NO_PEERS, message)
            .help("write `Type: redis`, or list the addresses of all nodes in `Peers`");
        kind.place(finding, "no `Peers` are listed")
    })
}
