//! A memory limit that only an unknown variable could set.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::memory_load::is_unlimited;
use crate::diagnostic::Finding;

check!(
    MEMORY_LIMIT_UNKNOWN,
    "capacity/memory-limit-unknown",
    Note,
    "no file limits memory, and `REFINERY_AVAILABLE_MEMORY` may be unset",
    "Unless `REFINERY_AVAILABLE_MEMORY` is set, Refinery has no memory limit: under load it grows \
     until the machine kills it, and stress relief does not react to memory.",
    "Set `AvailableMemory` to the memory of the machine or container, or set \
     `REFINERY_AVAILABLE_MEMORY` and declare it with `--env`.",
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
    let may_be_unset = !context.has_certain_value(memory) && !context.is_set_by_variable(memory);
    (is_unlimited(context) && may_be_unset).then(|| {
        Finding::new(&MEMORY_LIMIT_UNKNOWN, "no memory limit in the configuration files")
            .help("set `Collection.AvailableMemory`, or declare the variable with `--env`")
            .at_some(memory.setting.key_span, "0 means no limit")
    })
}
