//! A load that needs more memory than the limit allows.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::memory_load::{Bound, Load, amount};
use crate::diagnostic::Finding;

check!(
    LOAD_EXCEEDS_MEMORY,
    "capacity/load-exceeds-memory",
    Warning,
    "the expected load needs more memory than the limit allows",
    "Estimated memory per node: spans per second × `SendDelay` × bytes per span × 3 for the heap, \
     plus both queues when full, plus 9 MB for traces to send. The estimate assumes short traces \
     with a root span; a trace without one waits for `TraceTimeout` and needs more. Above its \
     memory limit Refinery decides traces early; above the memory of the machine it is killed."
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let load = Load::of(context, context.stage.host.machine.replicas.unwrap_or(1))?;
    let bound = Bound::of(context)?;
    if load.heap() <= bound.bytes {
        return None;
    }
    let message =
        format!("each node needs {}, but has {}", amount(load.heap()), amount(bound.bytes));
    let finding =
        Finding::new(&LOAD_EXCEEDS_MEMORY, message).help(match load.nodes_for(bound.bytes) {
            Some(nodes) => {
                format!("run {nodes} nodes, add memory, or shorten `SendDelay`")
            }
            None => "add memory, or lower the queue sizes: full queues alone exceed the limit"
                .to_owned(),
        });
    Some(match bound.key {
        Some(key) => key.place(finding, &load.arithmetic()),
        None => {
            Finding { message: format!("{}: {}", finding.message, load.arithmetic()), ..finding }
        }
    })
}
