//! More traces than the limit of memory holds.

use crate::check;
use crate::checks::Subject;
use crate::checks::load::{Bound, Load, amount};
use crate::diagnostic::Finding;

check!(
    HEAP_BEYOND_LIMIT,
    "capacity/heap-beyond-limit",
    Warning,
    "the spans that a node has to hold take more than its limit of memory",
    "reckoned: spans per second of a node x `SendDelay` x bytes of a span x 3 for the heap, both \
     queues full, and 9 MB for traces to send. Every trace is taken to have its root and to last \
     no time; without a root it waits for `TraceTimeout`, and takes more. At the limit the engine \
     decides traces before they are whole; at the memory of the machine it is killed"
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let load = Load::of(subject, subject.ground.world.machine.replicas.unwrap_or(1))?;
    let bound = Bound::of(subject)?;
    if load.heap() <= bound.bytes {
        return None;
    }
    let message = format!("a node needs {} of {}", amount(load.heap()), amount(bound.bytes));
    let finding =
        Finding::new(&HEAP_BEYOND_LIMIT, message).help(match load.nodes_for(bound.bytes) {
            Some(nodes) => {
                format!("run {nodes} nodes, give each more memory, or shorten `SendDelay`")
            }
            None => {
                "give the node more memory, or shorten its queues: they alone take more".to_owned()
            }
        });
    Some(match bound.held {
        Some(held) => held.place(finding, &load.arithmetic()),
        None => {
            Finding { message: format!("{}: {}", finding.message, load.arithmetic()), ..finding }
        }
    })
}
