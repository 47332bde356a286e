//! An invalid value where Refinery's validator accepts any.

use crate::check;
use crate::checks::{Held, Subject};
use crate::diagnostic::Finding;
use crate::schema::nearest;
use serde_json::Value as Json;

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

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    subject.all_held().filter(Held::is_known).filter_map(judge).collect()
}

fn judge(held: Held<'_>) -> Option<Finding> {
    let otherwise = held.key.fact_text("otherwise")?;
    let choices: Vec<&str> =
        held.key.fact("choices")?.as_array()?.iter().filter_map(Json::as_str).collect();
    if held.text().is_empty() || choices.contains(&held.text()) {
        return None;
    }
    let message = format!(
        "invalid value `{}` for {}: Refinery treats it as `{otherwise}`",
        held.text(),
        held.title()
    );
    let repair = match nearest(held.text(), choices.iter().copied()) {
        Some(choice) => format!("did you mean `{choice}`?"),
        None => format!("expected one of {}", choices.join(", ")),
    };
    let finding = Finding::new(&UNKNOWN_VALUE, message).help(repair);
    Some(held.place(finding, "unknown value (case-sensitive)"))
}
