//! No memory limit.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::memory_load::is_unlimited;
use crate::diagnostic::Finding;

check!(
    NO_MEMORY_LIMIT,
    "capacity/no-memory-limit",
    Warning,
    "no memory limit is configured",
    "Without `AvailableMemory` or `MaxAlloc`, Refinery never decides traces early: under load it \
     grows until the machine kills it, and its load moves to the other nodes. Reported when no \
     environment variable can set a limit.",
    "Set `AvailableMemory` to the memory of the machine or container; Refinery uses 75 % of it.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let memory = context.known("Collection", "AvailableMemory")?;
    // `capacity/stress-relief-without-memory-limit` reports this case.
    let is_monitored = context.stage.text("StressRelief", "Mode") == "monitor";
    (is_unlimited(context) && context.has_certain_value(memory) && !is_monitored).then(|| {
        Finding::new(&NO_MEMORY_LIMIT, "no memory limit is configured")
            .help("set `Collection.AvailableMemory` to the memory of the machine or container")
            .at_some(memory.setting.key_span, "0 means no limit")
    })
}
