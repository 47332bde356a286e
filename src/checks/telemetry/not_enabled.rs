//! Telemetry that is set up, but not enabled.

use crate::check;
use crate::checks::{CheckContext, ConfigKey};
use crate::diagnostic::Finding;

check!(
    NOT_ENABLED,
    "telemetry/not-enabled",
    Warning,
    "telemetry is set up, but not enabled",
    "Refinery ignores the other keys of the group until `Enabled` is true, and `HoneycombLogger` \
     until `Logger.Type` selects it. Not reported if `Enabled: false` or another `Logger.Type` is \
     written.",
    "Add `Enabled: true`, or `Enabled: false` if that is intended. For the logger, set \
     `Logger.Type`.",
    before: "\
General:
  ConfigurationVersion: 2
PrometheusMetrics:
  ListenAddr: 0.0.0.0:9090
",
    change: "PrometheusMetrics:" => "\
PrometheusMetrics:
  Enabled: true",
);

register!(find);

const GROUPS: [&str; 4] = ["LegacyMetrics", "OTelMetrics", "OTelTracing", "PrometheusMetrics"];

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let groups = GROUPS.into_iter().filter_map(|group| of_group(context, group));
    groups.chain(of_logger(context)).collect()
}

fn of_group(context: &CheckContext<'_>, group: &'static str) -> Option<Finding> {
    let enabled = context.known(group, "Enabled")?;
    let is_open = !enabled.is_written() && context.has_certain_value(enabled);
    if !is_open || context.stage.is_on(group, "Enabled") {
        return None;
    }
    // Charts write an address for every group.
    let is_set_up = |key: &ConfigKey| key.is_written() && key.name != "APIHost";
    let written = context.keys_of_group(group).find(is_set_up)?;
    let message = format!("`{group}` is set up, but `Enabled` is false by default");
    let finding = Finding::new(&NOT_ENABLED, message)
        .help(format!("add `Enabled: true` to `{group}`, or `Enabled: false`"));
    Some(written.place(finding, "ignored"))
}

fn of_logger(context: &CheckContext<'_>) -> Option<Finding> {
    let kind = context.known("Logger", "Type")?;
    // Its value does not matter, so it may be that of an unknown variable.
    let key = context.config_key("HoneycombLogger", "APIKey")?;
    let is_set_up = key.is_from_file() && !key.text().is_empty();
    let is_open = !kind.is_written() && context.has_certain_value(kind);
    let is_other = is_open && kind.text() != "honeycomb";
    (is_set_up && is_other).then(|| {
        let message =
            format!("`HoneycombLogger` is set up, but `Logger.Type` is `{}`", kind.text());
        let finding = Finding::new(&NOT_ENABLED, message)
            .help("set `Logger.Type` to `honeycomb`, or remove `HoneycombLogger.APIKey`");
        key.place(finding, "not used: nothing is logged to Honeycomb")
    })
}
