//! A memory limit above what the machine has.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::memory_load::{amount, limit};
use crate::diagnostic::Finding;

check!(
    LIMIT_EXCEEDS_MEMORY,
    "capacity/limit-exceeds-memory",
    Warning,
    "the memory limit is above, or close to, the memory of the machine",
    "Refinery compares the limit with its heap, but the process also needs memory for garbage, \
     stacks and queues. Close to the memory of the machine it is killed before it starts deciding \
     traces early."
);

register!(one find);

/// Percent of the machine's memory that the heap may use.
const MAX: i128 = 90;

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let memory = i128::from(context.stage.host.machine.memory?);
    let limit = limit(context)?;
    let key = limit.key?;
    (limit.bytes * 100 > memory * MAX).then(|| {
        let message =
            format!("traces may use {} of {} of memory", amount(limit.bytes), amount(memory));
        let finding = Finding::new(&LIMIT_EXCEEDS_MEMORY, message).help(
            "set `AvailableMemory` to the memory of the machine, with `MaxMemoryPercentage: 75`",
        );
        key.place(finding, "killed before this limit is reached")
    })
}
