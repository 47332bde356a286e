//! A timeout that Redis cannot meet.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    REDIS_TIMEOUT,
    "peers/redis-timeout",
    Warning,
    "the Redis timeout is so short that the node never registers",
    "Refinery gives up on a request to Redis after `Timeout`. If it is zero, negative or only a few milliseconds, the node never registers and the other nodes do not know it.",
    "Use a few seconds, or remove the key (default: `5s`).",
    before: "\
General:
  ConfigurationVersion: 2
PeerManagement:
  Type: redis
RedisPeerManagement:
  Host: redis:6379
  Timeout: 5ms
",
    change: "Timeout: 5ms" => "Timeout: 5s",
);

register!(one find);

/// A plausible round trip to Redis, in nanoseconds.
const SHORTEST: i128 = 10_000_000;

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let timeout = context.known("RedisPeerManagement", "Timeout")?;
    let is_used = context.stage.text("PeerManagement", "Type") == "redis";
    (context.has_peers() && is_used && context.stage.number(timeout.group, timeout.name) < SHORTEST)
        .then(|| {
            let message = format!("requests to Redis time out after {}", timeout.display_value());
            let finding =
                Finding::new(&REDIS_TIMEOUT, message).help("use a few seconds (default `5s`)");
            timeout.place(finding, "the node never registers")
        })
}
