//! A logger that leaves errors out.

use crate::check;
use crate::checks::{Held, Subject};
use crate::diagnostic::Finding;

check!(
    ERRORS_UNSEEN,
    "telemetry/errors-unseen",
    Note,
    "errors of the engine are logged nowhere",
    "a listener that cannot open its port and a reload that was refused are lines of the level \
     `error`, and nothing else tells of them",
    "write `Type: stdout` and `Level: error` or lower",
    before: "\
General:
  ConfigurationVersion: 2
Logger:
  Level: panic
",
    change: "Level: panic" => "Level: error",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let is = |held: &Held<'_>, word: &str| held.text() == word;
    let kind = subject.known("Logger", "Type").filter(|kind| is(kind, "none"));
    let silent =
        kind.or_else(|| subject.known("Logger", "Level").filter(|level| is(level, "panic")))?;
    let finding = Finding::new(&ERRORS_UNSEEN, "a refused reload is seen nowhere")
        .help("write `Type: stdout` and `Level: error` or lower");
    Some(silent.place(finding, "errors are left out"))
}
