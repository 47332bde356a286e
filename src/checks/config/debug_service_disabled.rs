//! A debug address without the flag that enables it.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    DEBUG_SERVICE_DISABLED,
    "config/debug-service-disabled",
    Note,
    "`DebugServiceAddr` is only used with `-d`",
    "Refinery opens the debug service only if it is started with `-d`. If the port cannot be \
     opened, it only logs a warning.",
    "Start Refinery with `-d` (here: after `--`), or remove the key.",
    before: "\
General:
  ConfigurationVersion: 2
Debugging:
  DebugServiceAddr: localhost:6060
",
    change: "DebugServiceAddr: localhost:6060" => "DryRun: false",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let address = context.config_key("Debugging", "DebugServiceAddr")?;
    (address.is_from_file() && !context.command_line().has("debug")).then(|| {
        let finding =
            Finding::new(&DEBUG_SERVICE_DISABLED, "the debug service is disabled without `-d`")
                .help("start Refinery with `-d`, or remove the key");
        address.place(finding, "only used with `-d`")
    })
}
