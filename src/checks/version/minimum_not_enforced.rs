//! A least version that the release is below.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    MINIMUM_NOT_ENFORCED,
    "version/minimum-not-enforced",
    Warning,
    "the release is older than `MinRefineryVersion` and starts all the same",
    "the engine looks at the form of the number and compares it with nothing, so an old release \
     runs with a file that is made for a newer one",
    "run a release that is new enough, or lower the number",
    before: "\
General:
  ConfigurationVersion: 2
  MinRefineryVersion: v9.0
",
    change: "MinRefineryVersion: v9.0" => "MinRefineryVersion: v2.0",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let minimum = subject.known("General", "MinRefineryVersion")?;
    let release = subject.schema.release;
    subject.schema.is_before(minimum.text()).then(|| {
        let message = format!("{release} starts although {} is asked for", minimum.text());
        let finding = Finding::new(&MINIMUM_NOT_ENFORCED, message)
            .help("run a release of at least that version, or lower the number");
        minimum.place(finding, "only the form of this is looked at")
    })
}
