//! A duration so short that the minimum of its key does not apply.

use crate::check;
use crate::checks::{CheckContext, ConfigKey};
use crate::diagnostic::Finding;

check!(
    DURATION_BELOW_MILLISECOND,
    "config/duration-below-millisecond",
    Warning,
    "a duration below one millisecond, which the validator rounds to zero",
    "Refinery validates minimums in whole milliseconds. A shorter duration counts as 0, which is \
     allowed, but is used as written. For example, connections are closed after less than a \
     millisecond of inactivity.",
    "Check the unit.",
    before: "\
General:
  ConfigurationVersion: 2
Network:
  HTTPIdleTimeout: 500us
",
    change: "HTTPIdleTimeout: 500us" => "HTTPIdleTimeout: 5s",
);

register!(find);

const MILLISECOND: i128 = 1_000_000;

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let short = context.config_keys().filter(ConfigKey::is_known).filter(|key| {
        let time = context.stage.number(key.group, key.name).abs();
        key.schema.keyword("quantityMinimumOrZero").is_some() && (1..MILLISECOND).contains(&time)
    });
    short
        .map(|key| {
            let message =
                format!("{} is {}, far below its minimum", key.path(), key.display_value());
            let finding = Finding::new(&DURATION_BELOW_MILLISECOND, message)
                .help("check the unit: `us` is a microsecond, `ms` a millisecond");
            key.place(finding, "validated as 0, but used as written")
        })
        .collect()
}
