//! A word that is none of a key's choices where the validator takes any.

use crate::check;
use crate::checks::{Held, Subject};
use crate::diagnostic::Finding;
use crate::schema::nearest;
use serde_json::Value as Json;

check!(
    UNKNOWN_CHOICE,
    "config/unknown-choice",
    Warning,
    "a word that is none of the choices of its key, and means one of them",
    "the validator takes any text for these keys, and the engine takes one that it does not know \
     for the choice that changes least: keys are not replaced, stress relief never acts, metrics \
     are packed with gzip",
    "write one of the choices; case counts",
    before: "\
General:
  ConfigurationVersion: 2
StressRelief:
  Mode: Monitor
",
    change: "Mode: Monitor" => "Mode: monitor",
);

look!(find);

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
    let message = format!("{} means `{otherwise}`: `{}` is no choice", held.title(), held.text());
    let repair = match nearest(held.text(), choices.iter().copied()) {
        Some(choice) => format!("did you mean `{choice}`?"),
        None => format!("write one of {}", choices.join(", ")),
    };
    let finding = Finding::new(&UNKNOWN_CHOICE, message).help(repair);
    Some(held.place(finding, "case counts, and nothing else is known"))
}
