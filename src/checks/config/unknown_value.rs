//! An invalid value where Refinery's validator accepts any.

use crate::check;
use crate::checks::{CheckContext, ConfigKey};
use crate::diagnostic::Finding;
use crate::schema::Node;
use crate::schema::nearest;

check!(
    UNKNOWN_VALUE,
    "config/unknown-value",
    Warning,
    "unknown value, which Refinery treats as another one",
    "Refinery's validator accepts any string for these keys, and Refinery treats an unknown one \
     as the value that changes least: keys are not replaced, stress relief never starts, metrics \
     are compressed with gzip.",
    "Use one of the allowed values; they are case-sensitive.",
    before: "\
General:
  ConfigurationVersion: 2
StressRelief:
  Mode: Monitor
",
    change: "Mode: Monitor" => "Mode: monitor",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.config_keys().filter(ConfigKey::is_known).filter_map(report).collect()
}

fn report(key: ConfigKey<'_>) -> Option<Finding> {
    let otherwise = key.schema.fact_text("otherwise")?;
    let choices: Vec<&str> =
        key.schema.fact("choices")?.as_array()?.iter().filter_map(Node::as_str).collect();
    if key.text().is_empty() || choices.contains(&key.text()) {
        return None;
    }
    let message = format!(
        "invalid value `{}` for {}: Refinery treats it as `{otherwise}`",
        key.text(),
        key.path()
    );
    let repair = match nearest(key.text(), choices.iter().copied()) {
        Some(choice) => format!("did you mean `{choice}`?"),
        None => format!("expected one of {}", choices.join(", ")),
    };
    let finding = Finding::new(&UNKNOWN_VALUE, message).help(repair);
    Some(key.place(finding, "unknown value (case-sensitive)"))
}
