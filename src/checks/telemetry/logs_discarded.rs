//! A Honeycomb logger without a key.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    LOGS_DISCARDED,
    "telemetry/logs-discarded",
    Warning,
    "logs are sent to Honeycomb, but there is no API key",
    "Without a key, Refinery discards its logs, including the error about a rejected live reload. \
     Reported when no environment variable can set the key.",
    "Set `HoneycombLogger.APIKey` or `REFINERY_HONEYCOMB_LOGGER_API_KEY`, or use `Type: stdout`.",
    before: "\
General:
  ConfigurationVersion: 2
Logger:
  Type: honeycomb
",
    change: "Type: honeycomb" => "Type: stdout",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let kind = context.known("Logger", "Type")?;
    let key = context.known("HoneycombLogger", "APIKey")?;
    (kind.text() == "honeycomb" && key.text().is_empty() && context.has_certain_value(key)).then(
        || {
            let message = "all logs are discarded: the logger has no API key";
            let finding = Finding::new(&LOGS_DISCARDED, message).help(
                "set `HoneycombLogger.APIKey` or its environment variable, or use `Type: stdout`",
            );
            kind.place(finding, "sends nothing without an API key")
        },
    )
}
