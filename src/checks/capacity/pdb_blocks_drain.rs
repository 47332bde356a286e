//! A disruption budget that lets no node be evicted.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    PDB_BLOCKS_DRAIN,
    "capacity/pdb-blocks-drain",
    Note,
    "the PodDisruptionBudget does not allow any eviction",
    "A cluster node that runs Refinery cannot be drained. A cluster upgrade waits until somebody \
     deletes the pod or changes the budget.",
    "Allow one pod to be unavailable at a time.",
    before: "\
config:
  General:
    ConfigurationVersion: 2
replicaCount: 3
podDisruptionBudget:
  enabled: true
  minAvailable: 3
  maxUnavailable: null
",
    change: "minAvailable: 3" => "minAvailable: 2",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let machine = &context.stage.host.machine;
    let (budget, replicas) = (machine.budget?, machine.replicas?);
    (replicas > 0 && budget.evictable(replicas) == 0).then(|| {
        let (message, help) = match replicas {
            1 => (
                "the only Refinery pod can never be evicted".to_owned(),
                "run two replicas, or allow the only pod to be evicted",
            ),
            _ => (
                format!("none of the {replicas} Refinery pods can ever be evicted"),
                "write `maxUnavailable: 1`",
            ),
        };
        Finding::new(&PDB_BLOCKS_DRAIN, message)
            .help(help)
            .at_some(budget.span, "allows no eviction")
    })
}
