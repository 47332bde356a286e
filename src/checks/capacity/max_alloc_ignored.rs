//! Two memory limits, of which one is ignored.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::memory_load::limit;
use crate::diagnostic::Finding;

check!(
    MAX_ALLOC_IGNORED,
    "capacity/max-alloc-ignored",
    Warning,
    "two memory limits are set, and `MaxAlloc` is ignored",
    "When `AvailableMemory` is set, Refinery uses `MaxMemoryPercentage` of it and never reads \
     `MaxAlloc`. Its validator is meant to forbid the combination, but that rule is misspelt and \
     has no effect.",
    "Remove one of the two.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let alloc = context.known("Collection", "MaxAlloc")?;
    let used = limit(context).and_then(|limit| limit.key)?;
    (context.stage.number(alloc.group, alloc.name) > 0 && used.name != alloc.name).then(|| {
        let message = "`MaxAlloc` is ignored: `AvailableMemory` is set";
        let finding = Finding::new(&MAX_ALLOC_IGNORED, message).help("remove one of the two");
        let finding = alloc.place(finding, "ignored");
        finding.at_some(used.setting.span(), "used instead")
    })
}
