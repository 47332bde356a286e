//! A limit beyond every machine.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    ABSURD_LIMIT,
    "capacity/absurd-limit",
    Warning,
    "a limit of memory that no machine has",
    "an amount beyond 2^64 bytes is cut to some other number, and one beyond the memory of all \
     machines limits nothing",
    "check the unit",
    before: "\
General:
  ConfigurationVersion: 2
Collection:
  MaxAlloc: 20E
",
    change: "MaxAlloc: 20E" => "MaxAlloc: 20G",
);

look!(find);

/// No machine that runs the engine has more bytes.
const MOST: i128 = 1 << 44;

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let limits = ["AvailableMemory", "MaxAlloc"];
    let held = limits.into_iter().filter_map(|name| subject.held("Collection", name));
    let absurd = held.filter(|held| subject.ground.number(held.group, held.name) > MOST);
    absurd
        .map(|held| {
            let message = format!("{} limits nothing", held.title());
            let finding = Finding::new(&ABSURD_LIMIT, message).help("check the unit");
            held.place(finding, "no machine has as much")
        })
        .collect()
}
