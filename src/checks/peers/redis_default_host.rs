//! Redis without a host.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    REDIS_DEFAULT_HOST,
    "peers/redis-default-host",
    Warning,
    "peers are managed by Redis, but no host is set",
    "Without a host, Refinery connects to `localhost:6379`. If that fails it becomes ready anyway \
     and has no peers. Reported when no environment variable can set a host.",
    "Set `RedisPeerManagement.Host` or `REFINERY_REDIS_HOST`.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let kind = context.known("PeerManagement", "Type")?;
    let hosts = ["Host", "ClusterHosts"].into_iter();
    let key = hosts.filter_map(|name| context.config_key("RedisPeerManagement", name));
    let mut none = key.map(|key| {
        let says_nothing = key.text().is_empty() && key.texts().is_empty();
        says_nothing && key.is_known() && context.has_certain_value(key)
    });
    (context.has_peers() && kind.text() == "redis" && none.all(|is_none| is_none)).then(|| {
        let finding = Finding::new(
            &REDIS_DEFAULT_HOST,
            "no Redis host is set: Refinery uses `localhost:6379`",
        )
        .help("set `RedisPeerManagement.Host` or `REFINERY_REDIS_HOST`");
        kind.place(finding, "no Redis host is set")
    })
}
