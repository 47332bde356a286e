//! Settings of a way to find peers that is not the one in use.

use crate::check;
use crate::checks::{Held, Subject};
use crate::diagnostic::Finding;

check!(
    OF_OTHER_TYPE,
    "peers/of-other-type",
    Warning,
    "peers are described for a `Type` that is not the one in use",
    "with `Type: file`, the default, nobody asks Redis, and without `Peers` the node is alone; \
     with `Type: redis` the list of `Peers` is not looked at",
    "write the `Type` that the settings are for, or delete the settings",
    before: "\
General:
  ConfigurationVersion: 2
RedisPeerManagement:
  Host: redis:6379
",
    change: "ConfigurationVersion: 2" => "\
ConfigurationVersion: 2
PeerManagement:
  Type: redis",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let kind = subject.known("PeerManagement", "Type")?;
    let peers = subject.held("PeerManagement", "Peers")?;
    let hosts = ["Host", "ClusterHosts"].into_iter();
    let mut hosts = hosts.filter_map(|name| subject.held("RedisPeerManagement", name));
    let says_something = |held: &Held<'_>| !held.text().is_empty() || !held.texts().is_empty();
    if subject.is_alone() {
        return None;
    }
    let (unused, repair) = match (kind.text(), says_something(&peers)) {
        ("redis", true) => (peers, "delete the list, or write `Type: file`"),
        ("file", false) => (hosts.find(says_something)?, "write `PeerManagement.Type: redis`"),
        _ => return None,
    };
    let message = format!("{} is not used with `Type: {}`", unused.title(), kind.text());
    let finding = unused.place(Finding::new(&OF_OTHER_TYPE, message).help(repair), "not looked at");
    Some(finding.at_some(kind.setting.span(), "peers are found like this"))
}
