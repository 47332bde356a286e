//! A minimum version above the release.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    MINIMUM_NOT_ENFORCED,
    "version/minimum-not-enforced",
    Warning,
    "this release is older than `MinRefineryVersion`, but starts anyway",
    "Refinery only checks the format of the version and never compares it, so an old release runs \
     with a configuration for a newer one.",
    "Run a newer release, or lower `MinRefineryVersion`.",
    before: "\
General:
  ConfigurationVersion: 2
  MinRefineryVersion: v9.0
",
    change: "MinRefineryVersion: v9.0" => "MinRefineryVersion: v2.0",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let minimum = context.known("General", "MinRefineryVersion")?;
    context.schema.is_before(minimum.text()).then(|| {
        // Without the release, so that several releases are reported as one finding.
        let message =
            format!("Refinery starts, although `MinRefineryVersion` is {}", minimum.text());
        let finding = Finding::new(&MINIMUM_NOT_ENFORCED, message)
            .help("run a newer release, or lower `MinRefineryVersion`");
        minimum.place(finding, "only the format is checked")
    })
}
