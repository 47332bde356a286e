//! Two limits of memory, of which one counts.

use crate::check;
use crate::checks::Subject;
use crate::checks::load::limit;
use crate::diagnostic::Finding;

check!(
    TWO_LIMITS,
    "capacity/two-limits",
    Warning,
    "two limits of memory are written, and one is ignored",
    "where `AvailableMemory` is set the engine uses its percentage and never looks at `MaxAlloc`; \
     the rule that forbids both is misspelt in the validator and has no effect",
    "delete one of the two",
    before: "\
General:
  ConfigurationVersion: 2
Collection:
  AvailableMemory: 4Gb
  MaxMemoryPercentage: 75
  MaxAlloc: 3Gb
",
    change: "\
MaxMemoryPercentage: 75
  MaxAlloc: 3Gb" => "MaxMemoryPercentage: 75",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let alloc = subject.held("Collection", "MaxAlloc")?;
    let used = limit(subject).and_then(|limit| limit.held)?;
    (subject.ground.number(alloc.group, alloc.name) > 0 && used.name != alloc.name).then(|| {
        let message = "`MaxAlloc` is ignored: `AvailableMemory` is set";
        let finding = Finding::new(&TWO_LIMITS, message).help("delete one of the two");
        let finding = alloc.place(finding, "ignored");
        finding.at_some(used.setting.span(), "this is used")
    })
}
