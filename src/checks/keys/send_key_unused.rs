//! A `SendKey` that is never sent.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    SEND_KEY_UNUSED,
    "keys/send-key-unused",
    Warning,
    "`SendKey` has no effect without `SendKeyMode`",
    "The default `SendKeyMode: none` forwards the key of each request, and `SendKey` is never sent. \
     Reported when no environment variable can set the mode.",
    "Set `SendKeyMode`, for example to `all` or `missingonly`.",
    before: "\
General:
  ConfigurationVersion: 2
AccessKeys:
  SendKey: ${HONEYCOMB_API_KEY}
",
    change: "AccessKeys:" => "\
AccessKeys:
  SendKeyMode: all",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let key = context.config_key("AccessKeys", "SendKey")?;
    let mode = context.known("AccessKeys", "SendKeyMode")?;
    let is_unset = !mode.is_written() && context.has_certain_value(mode);
    let is_unused = is_unset && mode.text() == "none";
    (is_unused && !key.text().is_empty()).then(|| {
        let finding = Finding::new(&SEND_KEY_UNUSED, "`SendKey` is never sent")
            .help("set `SendKeyMode`, for example to `all` or `missingonly`");
        key.place(finding, "forwards the keys of requests instead")
    })
}
