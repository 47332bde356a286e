//! Nodes that fall when others have fallen.

use crate::check;
use crate::checks::Subject;
use crate::checks::load::{Bound, Load, amount};
use crate::diagnostic::Finding;

check!(
    CASCADE,
    "capacity/cascade",
    Warning,
    "when nodes are lost, those that are left cannot carry the load",
    "the load of lost nodes falls to the others at once. Reckoned for each that is left: spans \
     per second x `SendDelay` x bytes of a span x 3 for the heap, both queues full, and 9 MB for \
     traces to send; traces whose root is late or lost take more. What passes its limit decides \
     traces before they are whole, what passes its memory is killed, and the next node takes its \
     load too"
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let machine = &subject.ground.world.machine;
    let replicas = machine.replicas?;
    let lost = machine.lost(replicas);
    let left = replicas.checked_sub(lost).filter(|left| *left > 0)?;
    let bound = Bound::of(subject)?;
    let (before, after) = (Load::of(subject, replicas)?, Load::of(subject, left)?);
    if before.heap() > bound.bytes || after.heap() <= bound.bytes {
        return None;
    }
    let (needed, given) = (amount(after.heap()), amount(bound.bytes));
    let message =
        format!("{lost} of {replicas} nodes lost: each that is left needs {needed} of {given}");
    let drained = machine.budget.filter(|_| machine.lose.is_none() && lost > 1);
    let finding = Finding::new(&CASCADE, message).help(match after.nodes_for(bound.bytes) {
        Some(_) if drained.is_some() => {
            "let fewer go at once, give each more memory, or shorten `SendDelay`".to_owned()
        }
        Some(nodes) => {
            format!(
                "run {} nodes, give each more memory, or shorten `SendDelay`",
                nodes + i128::from(lost)
            )
        }
        None => "give each node more memory, or shorten its queues".to_owned(),
    });
    let finding = match bound.held {
        Some(held) => held.place(finding, &after.arithmetic()),
        None => {
            Finding { message: format!("{}: {}", finding.message, after.arithmetic()), ..finding }
        }
    };
    Some(finding.at_some(drained.and_then(|budget| budget.span), "lets so many go at once"))
}
