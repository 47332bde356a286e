//! Stress relief that cannot see memory.

use crate::check;
use crate::checks::Subject;
use crate::checks::load::limit;
use crate::diagnostic::Finding;

check!(
    STRESS_WITHOUT_LIMIT,
    "capacity/stress-without-limit",
    Warning,
    "stress relief watches memory, and nothing limits it",
    "the part of memory in the level of stress is what is taken of the limit; without \
     `AvailableMemory` and `MaxAlloc` it is 0, and full queues alone bring relief. Said where it \
     is known that no variable sets a limit",
    "write `AvailableMemory`, the memory of the machine or container",
    before: "\
General:
  ConfigurationVersion: 2
StressRelief:
  Mode: monitor
",
    change: "ConfigurationVersion: 2" => "\
ConfigurationVersion: 2
Collection:
  AvailableMemory: 4Gb
  MaxMemoryPercentage: 75",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let mode = subject.known("StressRelief", "Mode")?;
    let memory = subject.held("Collection", "AvailableMemory")?;
    let is_unlimited = limit(subject).is_none() && subject.is_settled(memory);
    (mode.text() == "monitor" && is_unlimited).then(|| {
        let message = "stress relief never acts on memory, and nothing else limits it";
        let finding = Finding::new(&STRESS_WITHOUT_LIMIT, message)
            .help("write `Collection.AvailableMemory`: the memory of the machine or container");
        mode.place(finding, "memory counts for nothing without a limit")
    })
}
