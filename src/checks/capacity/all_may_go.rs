//! A disruption budget that keeps no node.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    ALL_MAY_GO,
    "capacity/all-may-go",
    Warning,
    "a disruption budget under which all nodes may go at once",
    "when machines are drained, such as for an upgrade of the cluster, Kubernetes asks the budget how \
     many nodes may be missing; where it lets all go, none is left to take their load, and those who \
     send block or lose what they send",
    "let one go at a time",
    before: "\
config:
  General:
    ConfigurationVersion: 2
replicaCount: 3
podDisruptionBudget:
  enabled: true
  maxUnavailable: 3
",
    change: "maxUnavailable: 3" => "maxUnavailable: 1",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let machine = &subject.ground.world.machine;
    let (budget, replicas) = (machine.budget?, machine.replicas?);
    (replicas > 1 && budget.lets_go(replicas) == replicas).then(|| {
        Finding::new(&ALL_MAY_GO, format!("all {replicas} nodes may be drained at once"))
            .help("write `maxUnavailable: 1`")
            .at_some(budget.span, format!("keeps none of {replicas}"))
    })
}
