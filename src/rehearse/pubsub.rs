//! The stage that connects the peers' message channel.

use super::stage::{Ground, Stage};
use crate::config::setting::Typed;

pub fn walk(ground: Ground<'_>) -> Stage {
    const NAME: &str = "pub/sub";
    if ground.text("PeerManagement", "Type") != "redis" {
        return Stage::skipped(NAME, "peers are listed in the file");
    }
    let mut stage = Stage::new(NAME);
    let hosts = hosts(ground);
    stage.decide("Redis", &hosts);
    if !ground.text("RedisPeerManagement", "AuthCode").is_empty() {
        stage.depend(format!("Redis at `{hosts}` answering and accepting the AuthCode"));
    }
    if ground.behaviour.subscribes_at_start {
        let late = if cluster(ground).is_empty() { "15s" } else { "75s" };
        stage.decide("where Redis swallows connections", format!("no port opens before {late}"));
        stage.decide("where it does so later", "`/alive` fails, over and over");
    }
    stage
}

/// The cluster's hosts count before the single one.
fn hosts(ground: Ground<'_>) -> String {
    let cluster = cluster(ground);
    if !cluster.is_empty() {
        return cluster.join(", ");
    }
    match ground.text("RedisPeerManagement", "Host") {
        "" => "localhost:6379".to_owned(),
        host => host.to_owned(),
    }
}

fn cluster(ground: Ground<'_>) -> &[String] {
    match ground.setting("RedisPeerManagement", "ClusterHosts").map(|s| &s.typed) {
        Some(Typed::Texts(hosts)) => hosts,
        _ => &[],
    }
}
