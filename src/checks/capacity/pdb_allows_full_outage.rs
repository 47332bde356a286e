//! A disruption budget that lets every node be evicted at once.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    PDB_ALLOWS_FULL_OUTAGE,
    "capacity/pdb-allows-full-outage",
    Warning,
    "the PodDisruptionBudget allows all nodes to be evicted at once",
    "When nodes are drained, such as for a cluster upgrade, Kubernetes evicts as many Refinery \
     pods as the budget allows. If it allows all of them, no node is left to receive traffic, and \
     clients block or lose spans.",
    "Allow one pod to be unavailable at a time.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let machine = &context.stage.host.machine;
    let (budget, replicas) = (machine.budget?, machine.replicas?);
    (replicas > 1 && budget.evictable(replicas) == replicas).then(|| {
        Finding::new(
            &PDB_ALLOWS_FULL_OUTAGE,
            format!("all {replicas} Refinery pods may be evicted at once"),
        )
        .help("write `maxUnavailable: 1`")
        .at_some(budget.span, format!("keeps 0 of {replicas} pods"))
    })
}
