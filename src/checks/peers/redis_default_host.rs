//! Redis without a host.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    REDIS_DEFAULT_HOST,
    "peers/redis-default-host",
    Warning,
    "peers are found through Redis, and no host of it is named",
    "without a host the library tries `localhost:6379`; the node becomes ready all the same, and \
     stays alone. Said where it is known that no variable names a host",
    "write `RedisPeerManagement.Host`, or set `REFINERY_REDIS_HOST`",
    before: "\
General:
  ConfigurationVersion: 2
PeerManagement:
  Type: redis
",
    change: "Type: redis" => "\
Type: redis
RedisPeerManagement:
  Host: redis:6379",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let kind = subject.known("PeerManagement", "Type")?;
    let hosts = ["Host", "ClusterHosts"].into_iter();
    let held = hosts.filter_map(|name| subject.held("RedisPeerManagement", name));
    let mut none = held.map(|held| {
        let says_nothing = held.text().is_empty() && held.texts().is_empty();
        says_nothing && held.is_known() && subject.is_settled(held)
    });
    (subject.has_peers() && kind.text() == "redis" && none.all(|is_none| is_none)).then(|| {
        let finding = Finding::new(&REDIS_DEFAULT_HOST, "Redis is looked for at `localhost:6379`")
            .help("write `RedisPeerManagement.Host`, or set `REFINERY_REDIS_HOST`");
        kind.place(finding, "no host of Redis is named")
    })
}
