//! Several nodes that do not know each other.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    NO_PEERS,
    "peers/no-peers",
    Warning,
    "the cluster has several nodes, but they do not know each other",
    "With `Type: file` and no `Peers`, a node keeps every span it receives. The spans of a trace \
     end up on several nodes, and each samples its part on its own."
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let kind = context.known("PeerManagement", "Type")?;
    let replicas = context.stage.host.machine.replicas.filter(|&replicas| replicas > 1)?;
    (!context.has_peers()).then(|| {
        let message =
            format!("each of {replicas} nodes samples on its own: no peers are configured");
        let finding = Finding::new(&NO_PEERS, message)
            .help("use `Type: redis`, or list the addresses of all nodes in `Peers`");
        kind.place(finding, "no `Peers` are listed")
    })
}
