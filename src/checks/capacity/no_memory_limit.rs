//! No limit of memory at all.

use crate::check;
use crate::checks::Subject;
use crate::checks::load::limit;
use crate::diagnostic::Finding;

check!(
    NO_MEMORY_LIMIT,
    "capacity/no-memory-limit",
    Warning,
    "nothing limits the memory that traces take",
    "without `AvailableMemory` and `MaxAlloc` the engine never decides traces early: under load \
     it grows until the machine kills it, and the other nodes take its load. Said where it is \
     known that no variable sets a limit",
    "write `AvailableMemory`, the memory of the machine or container; 75 in a hundred of it is \
     used",
    before: "\
General:
  ConfigurationVersion: 2
Collection:
  IncomingQueueSize: 30000
",
    change: "IncomingQueueSize: 30000" => "\
AvailableMemory: 4Gb
  MaxMemoryPercentage: 75",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let memory = subject.held("Collection", "AvailableMemory")?;
    // Where stress relief hangs on the limit as well, a check of its own says so.
    let is_monitored = subject.ground.text("StressRelief", "Mode") == "monitor";
    (limit(subject).is_none() && subject.is_settled(memory) && !is_monitored).then(|| {
        Finding::new(&NO_MEMORY_LIMIT, "nothing limits the memory that traces take")
            .help("write `Collection.AvailableMemory`: the memory of the machine or container")
            .at_some(memory.setting.key_span, "a zero is no limit")
    })
}
