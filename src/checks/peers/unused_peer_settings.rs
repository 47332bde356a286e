//! Peer settings of a type that is not used.

use crate::check;
use crate::checks::{CheckContext, ConfigKey};
use crate::diagnostic::Finding;

check!(
    UNUSED_PEER_SETTINGS,
    "peers/unused-peer-settings",
    Warning,
    "peer settings do not belong to the `Type` in use",
    "With `Type: file`, the default, Refinery does not use Redis, and without `Peers` the node is \
     alone. With `Type: redis` it ignores `Peers`.",
    "Set the `Type` that the settings belong to, or remove the settings.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let kind = context.known("PeerManagement", "Type")?;
    let peers = context.config_key("PeerManagement", "Peers")?;
    let hosts = ["Host", "ClusterHosts"].into_iter();
    let mut hosts = hosts.filter_map(|name| context.config_key("RedisPeerManagement", name));
    let says_something = |key: &ConfigKey<'_>| !key.text().is_empty() || !key.texts().is_empty();
    if context.is_alone() {
        return None;
    }
    let (unused, repair) = match (kind.text(), says_something(&peers)) {
        ("redis", true) => (peers, "remove the list, or use `Type: file`"),
        ("file", false) => (hosts.find(says_something)?, "set `PeerManagement.Type: redis`"),
        _ => return None,
    };
    let message = format!("{} is not used with `Type: {}`", unused.path(), kind.text());
    let finding =
        unused.place(Finding::new(&UNUSED_PEER_SETTINGS, message).help(repair), "ignored");
    Some(finding.at_some(kind.setting.span(), "the type in use"))
}
