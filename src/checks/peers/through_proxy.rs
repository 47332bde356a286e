//! A proxy for all, peers included.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    THROUGH_PROXY,
    "peers/through-proxy",
    Warning,
    "what nodes send each other goes through a proxy",
    "the engine uses the proxy of the environment for peers as for Honeycomb; few proxies let \
     addresses inside the cluster through, and all spans of other nodes hang on it"
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let set = |names: [&'static str; 2]| {
        let is_set =
            |name: &&str| subject.ground.environment.value(name).is_some_and(|v| !v.is_empty());
        names.into_iter().find(is_set)
    };
    let proxy = set(["HTTP_PROXY", "http_proxy"])?;
    let is_spared = set(["NO_PROXY", "no_proxy"]).is_some();
    let kind = subject.held("PeerManagement", "Type")?;
    (subject.has_peers() && !is_spared).then(|| {
        let message = format!("`{proxy}` is used between peers as well");
        let finding = Finding::new(&THROUGH_PROXY, message).help("name the peers in `NO_PROXY`");
        kind.place(finding, "peers are spoken to by HTTP")
    })
}
