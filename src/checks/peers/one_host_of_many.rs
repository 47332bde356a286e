//! Several cluster hosts in a variable, of which one is used.

use crate::check;
use crate::checks::Subject;
use crate::config::setting::Origin;
use crate::diagnostic::Finding;

check!(
    ONE_HOST_OF_MANY,
    "peers/one-host-of-many",
    Warning,
    "of several cluster hosts in a variable or in repeated flags only the first is used",
    "the list is split before the engine looks at it, which then takes the first part and splits \
     that once more"
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let hosts = subject.held("RedisPeerManagement", "ClusterHosts")?;
    let given = match &hosts.setting.origin {
        Origin::Variable(name) => subject.ground.environment.value(name)?.split(',').count(),
        Origin::Flag(name) => subject.command_line().values(name).len(),
        _ => 0,
    };
    (given > 1).then(|| {
        let message = format!("one of {given} Redis hosts is used: {}", hosts.texts().join(","));
        let finding = Finding::new(&ONE_HOST_OF_MANY, message)
            .help("write the hosts into the file, or one flag `--redis-cluster-hosts a:1,b:2`");
        hosts.place(finding, "")
    })
}
