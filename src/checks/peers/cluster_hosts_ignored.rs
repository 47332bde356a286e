//! Several cluster hosts in an override, of which one is used.

use crate::check;
use crate::checks::CheckContext;
use crate::config::effective_value::Origin;
use crate::diagnostic::Finding;

check!(
    CLUSTER_HOSTS_IGNORED,
    "peers/cluster-hosts-ignored",
    Warning,
    "only the first of several cluster hosts in an override is used",
    "Refinery splits the list at its commas before it parses the value, then parses the first \
     part again."
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let hosts = context.config_key("RedisPeerManagement", "ClusterHosts")?;
    let given = match &hosts.setting.origin {
        Origin::Variable(name) => context.stage.environment.value(name)?.split(',').count(),
        Origin::Flag(name) => context.command_line().values(name).len(),
        _ => 0,
    };
    (given > 1).then(|| {
        let message =
            format!("only one of {given} Redis hosts is used: {}", hosts.texts().join(","));
        let finding = Finding::new(&CLUSTER_HOSTS_IGNORED, message).help(
            "list the hosts in the file, or use a single flag `--redis-cluster-hosts a:1,b:2`",
        );
        hosts.place(finding, "")
    })
}
