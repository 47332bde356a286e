//! A disruption budget that lets no node go.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    NONE_MAY_GO,
    "capacity/none-may-go",
    Note,
    "a disruption budget under which no node may go",
    "a machine that runs a node cannot be drained: an upgrade of the cluster waits there until \
     somebody deletes the node by hand or changes the budget",
    "let one go at a time",
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

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let machine = &subject.ground.world.machine;
    let (budget, replicas) = (machine.budget?, machine.replicas?);
    (replicas > 0 && budget.lets_go(replicas) == 0).then(|| {
        let (message, help) = match replicas {
            1 => ("the one node may not be drained".to_owned(), "run two nodes, or let the one go"),
            _ => (
                format!("none of {replicas} nodes may be drained"),
                "let one go: `maxUnavailable: 1`",
            ),
        };
        Finding::new(&NONE_MAY_GO, message).help(help).at_some(budget.span, "lets none go")
    })
}
