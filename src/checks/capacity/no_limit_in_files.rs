//! A limit of memory that a variable alone can set.

use crate::check;
use crate::checks::Subject;
use crate::checks::load::limit;
use crate::diagnostic::Finding;

check!(
    NO_LIMIT_IN_FILES,
    "capacity/no-limit-in-files",
    Note,
    "no file limits the memory that traces take",
    "unless `REFINERY_AVAILABLE_MEMORY` is set nothing does: then the engine grows under load \
     until the machine kills it, and stress relief does not see memory. Nobody has said whether \
     it is set",
    "write `AvailableMemory`, the memory of the machine or container, or set \
     `REFINERY_AVAILABLE_MEMORY` and say so with `--env`",
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
    (limit(subject).is_none() && !subject.is_settled(memory)).then(|| {
        Finding::new(&NO_LIMIT_IN_FILES, "no file limits the memory that traces take")
            .help("write `Collection.AvailableMemory`, or name the variable that does with `--env`")
            .at_some(memory.setting.key_span, "a zero is no limit")
    })
}
