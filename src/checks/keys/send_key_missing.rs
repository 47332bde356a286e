//! A `SendKeyMode` without a `SendKey`.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    SEND_KEY_MISSING,
    "keys/send-key-missing",
    Warning,
    "`SendKeyMode` has no effect without `SendKey`",
    "Without `SendKey`, Refinery ignores `SendKeyMode`: it forwards keys as they arrive and \
     rejects a request without a key with 401. Reported when no environment variable can set the \
     key.",
    "Add `SendKey`, or set `REFINERY_SEND_KEY`.",
    before: "\
General:
  ConfigurationVersion: 2
AccessKeys:
  SendKeyMode: all
",
    change: "AccessKeys:" => "\
AccessKeys:
  SendKey: ${HONEYCOMB_API_KEY}",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let key = context.known("AccessKeys", "SendKey")?;
    let mode = context.known("AccessKeys", "SendKeyMode")?;
    (key.text().is_empty() && context.has_certain_value(key) && replaces(mode.text())).then(|| {
        let message = format!("`SendKeyMode: {}` has no effect without `SendKey`", mode.text());
        let finding = Finding::new(&SEND_KEY_MISSING, message)
            .help("add `SendKey`, or set `REFINERY_SEND_KEY`");
        mode.place(finding, "no `SendKey` to use")
    })
}

/// Whether a mode sends `SendKey` for some requests.
fn replaces(mode: &str) -> bool {
    matches!(mode, "all" | "nonblank" | "listedonly" | "unlisted" | "missingonly")
}
