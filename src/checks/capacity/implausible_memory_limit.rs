//! A memory limit larger than any machine.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    IMPLAUSIBLE_MEMORY_LIMIT,
    "capacity/implausible-memory-limit",
    Warning,
    "memory limit is larger than any machine",
    "A size above 2^64 bytes wraps around to another number, and a size larger than the machine \
     never takes effect.",
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
const MOST: i128 = 1 << 44;

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let limits = ["AvailableMemory", "MaxAlloc"];
    let held = limits.into_iter().filter_map(|name| subject.held("Collection", name));
    let absurd = held.filter(|held| subject.ground.number(held.group, held.name) > MOST);
    absurd
        .map(|held| {
            let message = format!("{} is too large to limit anything", held.title());
            let finding = Finding::new(&IMPLAUSIBLE_MEMORY_LIMIT, message).help("check the unit");
            held.place(finding, "more than any machine has")
        })
        .collect()
}
