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
     stays alone; where nobody knows the variables that may name a host, nothing is said here"
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let kind = subject.known("PeerManagement", "Type")?;
    let hosts = ["Host", "ClusterHosts"];
    let none =
        hosts.iter().filter_map(|name| subject.held("RedisPeerManagement", name)).all(|held| {
            subject.is_settled(held)
                && held.is_known()
                && held.text().is_empty()
                && held.texts().is_empty()
        });
    (kind.text() == "redis" && none).then(|| {
        let finding = Finding::new(&REDIS_DEFAULT_HOST, "Redis is looked for at `localhost:6379`")
            .help("write `RedisPeerManagement.Host`, or set `REFINERY_REDIS_HOST`");
        kind.place(finding, "no host of Redis is named")
    })
}
