//! A time-out that Redis cannot meet.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    REDIS_TIMEOUT,
    "peers/redis-timeout",
    Warning,
    "a time-out so short that the node never registers",
    "what the node tells Redis is given up after `Timeout`; at zero or below, or within a few \
     milliseconds, it never arrives and the other nodes do not know of this one",
    "write some seconds, or delete the key for its default of 5s",
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

look!(one find);

/// Nanoseconds that an answer takes on a good day.
const SHORTEST: i128 = 10_000_000;

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let time_out = subject.held("RedisPeerManagement", "Timeout")?;
    let is_used = subject.ground.text("PeerManagement", "Type") == "redis";
    (subject.has_peers()
        && is_used
        && subject.ground.number(time_out.group, time_out.name) < SHORTEST)
        .then(|| {
            let message = format!("Redis is given {} to answer", time_out.shown());
            let finding =
                Finding::new(&REDIS_TIMEOUT, message).help("write some seconds; the default is 5s");
            time_out.place(finding, "the node never gets to register")
        })
}
