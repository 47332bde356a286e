//! A limit of a few bytes.

use crate::check;
use crate::checks::Subject;
use crate::checks::load::amount;
use crate::diagnostic::Finding;

check!(
    LIMIT_WITHOUT_UNIT,
    "capacity/limit-without-unit",
    Warning,
    "a limit of memory so low that no trace fits under it",
    "a number without a unit is bytes; above the limit the engine decides all traces early and \
     collects garbage, ten times a second, and no trace is ever put together",
    "write a unit",
    before: "\
General:
  ConfigurationVersion: 2
Collection:
  AvailableMemory: 4
  MaxMemoryPercentage: 75
",
    change: "AvailableMemory: 4" => "AvailableMemory: 4Gb",
);

look!(find);

/// The engine takes more with nothing to do.
const LEAST: i128 = 64 << 20;

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let limits = ["AvailableMemory", "MaxAlloc"];
    let held = limits.into_iter().filter_map(|name| subject.held("Collection", name));
    held.filter_map(|held| {
        let bytes = subject.ground.number(held.group, held.name);
        let message = format!("{} is {}", held.title(), amount(bytes));
        let finding = Finding::new(&LIMIT_WITHOUT_UNIT, message)
            .help(format!("write a unit: `{bytes}Gb`, or `{bytes}Mb`"));
        (1..LEAST).contains(&bytes).then(|| held.place(finding, "a number without a unit is bytes"))
    })
    .collect()
}
