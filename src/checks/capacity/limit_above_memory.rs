//! A limit that the machine does not have.

use crate::check;
use crate::checks::Subject;
use crate::checks::load::{amount, limit};
use crate::diagnostic::Finding;

check!(
    LIMIT_ABOVE_MEMORY,
    "capacity/limit-above-memory",
    Warning,
    "the limit of memory is above, or close to, the memory there is",
    "the limit is held against what lives on the heap, not against what the process takes: \
     garbage, stacks and queues come on top, and a process near its memory is killed before it \
     decides a trace early"
);

look!(one find);

/// In a hundred: what the heap may take of the memory.
const MOST: i128 = 90;

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let memory = i128::from(subject.ground.world.machine.memory?);
    let limit = limit(subject)?;
    let held = limit.held?;
    (limit.bytes * 100 > memory * MOST).then(|| {
        let message = format!("traces may take {} of {}", amount(limit.bytes), amount(memory));
        let finding = Finding::new(&LIMIT_ABOVE_MEMORY, message).help(
            "write the memory of the machine as `AvailableMemory`, and leave 75 in a hundred",
        );
        held.place(finding, "the process is killed before this is reached")
    })
}
