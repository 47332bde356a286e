//! A memory limit larger than any machine.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    IMPLAUSIBLE_MEMORY_LIMIT,
    "capacity/implausible-memory-limit",
    Warning,
    "memory limit is larger than any machine",
    "A size above 2^64 bytes wraps around to another number, and a limit above the memory of \
     the machine never takes effect.",
    "Check the unit.",
    before: "\
General:
  ConfigurationVersion: 2
Collection:
  MaxAlloc: 20E
",
    change: "MaxAlloc: 20E" => "MaxAlloc: 20G",
);

register!(find);

/// More bytes than any machine that runs Refinery has.
const MAX: i128 = 1 << 44;

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let limits = ["AvailableMemory", "MaxAlloc"];
    let key = limits.into_iter().filter_map(|name| context.known("Collection", name));
    let absurd = key.filter(|key| context.stage.number(key.group, key.name) > MAX);
    absurd
        .map(|key| {
            let message = format!("{} is too large to limit anything", key.path());
            let finding = Finding::new(&IMPLAUSIBLE_MEMORY_LIMIT, message).help("check the unit");
            key.place(finding, "more than any machine has")
        })
        .collect()
}
