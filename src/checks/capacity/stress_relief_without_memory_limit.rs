//! Stress relief that cannot see memory use.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::memory_load::is_unlimited;
use crate::diagnostic::Finding;

check!(
    STRESS_RELIEF_WITHOUT_MEMORY_LIMIT,
    "capacity/stress-relief-without-memory-limit",
    Warning,
    "stress relief monitors memory, but no memory limit is configured",
    "The stress level compares memory use with the memory limit. Without `AvailableMemory` or \
     `MaxAlloc` that part is always 0, and only full queues activate stress relief. Reported when \
     no environment variable can set a limit.",
    "Set `AvailableMemory` to the memory of the machine or container.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let mode = context.known("StressRelief", "Mode")?;
    let memory = context.known("Collection", "AvailableMemory")?;
    let is_unlimited = is_unlimited(context) && context.has_certain_value(memory);
    (mode.text() == "monitor" && is_unlimited).then(|| {
        let message = "stress relief never reacts to memory use: no memory limit is configured";
        let finding = Finding::new(&STRESS_RELIEF_WITHOUT_MEMORY_LIMIT, message)
            .help("set `Collection.AvailableMemory` to the memory of the machine or container");
        mode.place(finding, "memory use is ignored without a limit")
    })
}
