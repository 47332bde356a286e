//! A memory limit of a few bytes.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::memory_load::amount;
use crate::diagnostic::Finding;

check!(
    MEMORY_LIMIT_WITHOUT_UNIT,
    "capacity/memory-limit-without-unit",
    Warning,
    "the memory limit is so low that no trace fits; is a unit missing?",
    "A number without a unit is in bytes. Above its limit Refinery decides traces early and runs \
     the garbage collector ten times a second, so no trace is ever complete.",
    "Add a unit.",
    before: "\
General:
  ConfigurationVersion: 2
Collection:
  AvailableMemory: 4
  MaxMemoryPercentage: 75
",
    change: "AvailableMemory: 4" => "AvailableMemory: 4Gb",
);

register!(find);

/// Refinery uses more when idle.
const LEAST: i128 = 64 << 20;

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let limits = ["AvailableMemory", "MaxAlloc"];
    let key = limits.into_iter().filter_map(|name| context.known("Collection", name));
    key.filter_map(|key| {
        let bytes = context.stage.number(key.group, key.name);
        let message = format!("{} is {}", key.path(), amount(bytes));
        let finding = Finding::new(&MEMORY_LIMIT_WITHOUT_UNIT, message)
            .help(format!("add a unit: `{bytes}Gb` or `{bytes}Mb`"));
        (1..LEAST).contains(&bytes).then(|| key.place(finding, "a number without unit is in bytes"))
    })
    .collect()
}
