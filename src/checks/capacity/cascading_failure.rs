//! Lost nodes whose load overwhelms the remaining ones.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::memory_load::{Bound, Load, amount};
use crate::diagnostic::Finding;

check!(
    CASCADING_FAILURE,
    "capacity/cascading-failure",
    Warning,
    "if nodes are lost, the remaining ones run out of memory",
    "The remaining nodes take over the load of the lost ones immediately. Estimated memory per \
     remaining node: spans per second × `SendDelay` × bytes per span × 3 for the heap, plus both \
     queues when full, plus 9 MB for traces to send; traces with a late or missing root span need \
     more. Above its memory limit Refinery decides traces early; above the memory of the machine \
     it is killed, and its load moves to the next node."
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let machine = &context.stage.host.machine;
    let replicas = machine.replicas?;
    let lost = machine.lost(replicas);
    let left = replicas.checked_sub(lost).filter(|left| *left > 0)?;
    let bound = Bound::of(context)?;
    let (before, after) = (Load::of(context, replicas)?, Load::of(context, left)?);
    if before.heap() > bound.bytes || after.heap() <= bound.bytes {
        return None;
    }
    let (needed, given) = (amount(after.heap()), amount(bound.bytes));
    let message = format!(
        "with {lost} of {replicas} nodes lost, each remaining node needs {needed}, but has {given}"
    );
    let drained = machine.budget.filter(|_| machine.lose.is_none() && lost > 1);
    let finding =
        Finding::new(&CASCADING_FAILURE, message).help(match after.nodes_for(bound.bytes) {
            Some(_) if drained.is_some() => {
                "allow fewer evictions at once, add memory, or shorten `SendDelay`".to_owned()
            }
            Some(nodes) => {
                format!(
                    "run {} nodes, add memory, or shorten `SendDelay`",
                    nodes + i128::from(lost)
                )
            }
            None => "add memory, or lower `IncomingQueueSize` and `PeerQueueSize`".to_owned(),
        });
    let finding = match bound.key {
        Some(key) => key.place(finding, &after.arithmetic()),
        None => {
            Finding { message: format!("{}: {}", finding.message, after.arithmetic()), ..finding }
        }
    };
    Some(
        finding
            .at_some(drained.and_then(|budget| budget.span), "allows this many evictions at once"),
    )
}
