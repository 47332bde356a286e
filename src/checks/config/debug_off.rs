//! A debug address that needs a flag.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    DEBUG_OFF,
    "config/debug-off",
    Note,
    "the debug service is opened only with `-d`",
    "the address is used where the process is started with `-d`; otherwise nothing listens there, \
     and a port that cannot be opened is a warning in the log",
    "start the process with `-d` (here: behind `--`), or delete the key",
    before: "\
General:
  ConfigurationVersion: 2
Debugging:
  DebugServiceAddr: localhost:6060
",
    change: "DebugServiceAddr: localhost:6060" => "DryRun: false",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let address = subject.held("Debugging", "DebugServiceAddr")?;
    (address.is_from_file() && !subject.command_line().has("debug")).then(|| {
        let finding = Finding::new(&DEBUG_OFF, "the debug service is not opened without `-d`")
            .help("start the process with `-d`, or delete the key");
        address.place(finding, "used with `-d` alone")
    })
}
