//! The stage that connects the peers' message channel.

use super::stage::{Ground, Stage};

pub fn walk(ground: Ground<'_>) -> Stage {
    const NAME: &str = "pub/sub";
    if ground.text("PeerManagement", "Type") != "redis" {
        return Stage::skipped(NAME, "peers are listed in the file");
    }
    let mut stage = Stage::new(NAME);
    let host = ground.text("RedisPeerManagement", "Host");
    let host = if host.is_empty() { "localhost:6379" } else { host };
    stage.decide("Redis", host);
    if !ground.text("RedisPeerManagement", "AuthCode").is_empty() {
        stage.depend(format!("Redis at `{host}` answering and accepting the AuthCode"));
    }
    stage
}
