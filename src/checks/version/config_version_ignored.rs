//! A `ConfigurationVersion` other than 2.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    CONFIG_VERSION_IGNORED,
    "version/config-version-ignored",
    Note,
    "a `ConfigurationVersion` other than 2 has no meaning",
    "Refinery requires an integer there, but never reads it. It treats every file as version 2.",
    "Write 2, the only version of releases 2.x and 3.x.",
    before: "\
General:
  ConfigurationVersion: 3
",
    change: "ConfigurationVersion: 3" => "ConfigurationVersion: 2",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let version = context.known("General", "ConfigurationVersion")?;
    let number = context.stage.number("General", "ConfigurationVersion");
    (version.is_from_file() && number != 2).then(|| {
        let finding = Finding::new(
            &CONFIG_VERSION_IGNORED,
            format!("unknown `ConfigurationVersion` {number}"),
        )
        .help("write `ConfigurationVersion: 2`");
        version.place(finding, "treated as version 2")
    })
}
