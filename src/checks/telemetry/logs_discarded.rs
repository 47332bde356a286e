//! A logger to Honeycomb without a key.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    LOGS_DISCARDED,
    "telemetry/logs-discarded",
    Warning,
    "logs go to Honeycomb, and there is no key for them",
    "without a key the engine throws its logs away, that a reload was refused among them, and \
     says nothing of it anywhere else. Said where it is known that no variable holds the key",
    "write `HoneycombLogger.APIKey`, set `REFINERY_HONEYCOMB_LOGGER_API_KEY`, or log to `stdout`",
    before: "\
General:
  ConfigurationVersion: 2
Logger:
  Type: honeycomb
",
    change: "Type: honeycomb" => "Type: stdout",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let kind = subject.known("Logger", "Type")?;
    let key = subject.known("HoneycombLogger", "APIKey")?;
    (kind.text() == "honeycomb" && key.text().is_empty() && subject.is_settled(key)).then(|| {
        let message = "all logs are thrown away: the logger has no key";
        let finding = Finding::new(&LOGS_DISCARDED, message)
            .help("write `HoneycombLogger.APIKey`, set its variable, or write `Type: stdout`");
        kind.place(finding, "sends nothing without a key")
    })
}
