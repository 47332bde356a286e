//! A proxy that peers use as well.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    PROXIED_PEER_TRAFFIC,
    "peers/proxied-peer-traffic",
    Warning,
    "traffic between peers goes through the HTTP proxy",
    "Refinery uses the proxy of its environment for peers as well as for Honeycomb. Few proxies \
     forward to addresses inside the cluster, so spans for other nodes are lost."
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let set = |names: [&'static str; 2]| {
        let is_set =
            |name: &&str| context.stage.environment.value(name).is_some_and(|v| !v.is_empty());
        names.into_iter().find(is_set)
    };
    let proxy = set(["HTTP_PROXY", "http_proxy"])?;
    let is_spared = set(["NO_PROXY", "no_proxy"]).is_some();
    let kind = context.config_key("PeerManagement", "Type")?;
    (context.has_peers() && !is_spared).then(|| {
        let message = format!("`{proxy}` also applies to traffic between peers");
        let finding =
            Finding::new(&PROXIED_PEER_TRAFFIC, message).help("list the peers in `NO_PROXY`");
        kind.place(finding, "peers communicate over HTTP")
    })
}
