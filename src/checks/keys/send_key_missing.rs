//! A mode of replacing keys without the key to put in.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    SEND_KEY_MISSING,
    "keys/send-key-missing",
    Warning,
    "keys are to be replaced, and there is no key to put in",
    "without `SendKey` the engine passes over `SendKeyMode`: keys go on as they came, and a \
     request without one is refused with 401. Said where it is known that \
     no variable holds the key",
    "write a `SendKey`, or set `REFINERY_SEND_KEY`",
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

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let key = subject.known("AccessKeys", "SendKey")?;
    let mode = subject.known("AccessKeys", "SendKeyMode")?;
    (key.text().is_empty() && subject.is_settled(key) && replaces(mode.text())).then(|| {
        let message =
            format!("`SendKeyMode: {}` replaces nothing without a `SendKey`", mode.text());
        let finding = Finding::new(&SEND_KEY_MISSING, message)
            .help("write a `SendKey`, or set `REFINERY_SEND_KEY`");
        mode.place(finding, "there is no key to put in")
    })
}

/// A mode that puts `SendKey` in.
fn replaces(mode: &str) -> bool {
    matches!(mode, "all" | "nonblank" | "listedonly" | "unlisted" | "missingonly")
}
