//! A logger that omits errors.

use crate::check;
use crate::checks::{CheckContext, ConfigKey};
use crate::diagnostic::Finding;

check!(
    ERRORS_NOT_LOGGED,
    "telemetry/errors-not-logged",
    Note,
    "Refinery's errors are not logged",
    "A listener that cannot open its port and a rejected live reload are only logged, at level \
     `error`.",
    "Use `Type: stdout` and `Level: error` or lower.",
    before: "\
General:
  ConfigurationVersion: 2
Logger:
  Level: panic
",
    change: "Level: panic" => "Level: error",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let is = |key: &ConfigKey<'_>, word: &str| key.text() == word;
    let kind = context.known("Logger", "Type").filter(|kind| is(kind, "none"));
    let silent =
        kind.or_else(|| context.known("Logger", "Level").filter(|level| is(level, "panic")))?;
    let finding =
        Finding::new(&ERRORS_NOT_LOGGED, "errors such as a rejected live reload are not logged")
            .help("use `Type: stdout` and `Level: error` or lower");
    Some(silent.place(finding, "omits errors"))
}
