//! A `ConfigurationVersion` other than 2.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    NUMBER_NEVER_READ,
    "version/number-never-read",
    Note,
    "a `ConfigurationVersion` other than 2 means nothing",
    "the engine wants some whole number there and never reads it: the file is taken for version 2 \
     whatever stands there",
    "write 2: no release of 2.x or 3.x has another",
    before: "\
General:
  ConfigurationVersion: 3
",
    change: "ConfigurationVersion: 3" => "ConfigurationVersion: 2",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let version = subject.held("General", "ConfigurationVersion")?;
    let number = subject.ground.number("General", "ConfigurationVersion");
    (version.is_from_file() && number != 2).then(|| {
        let finding = Finding::new(&NUMBER_NEVER_READ, format!("there is no version {number}"))
            .help("write `ConfigurationVersion: 2`");
        version.place(finding, "read as version 2 all the same")
    })
}
