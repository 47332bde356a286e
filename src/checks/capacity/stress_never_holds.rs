//! Levels of stress relief the wrong way round.

use crate::check;
use crate::checks::{Held, Subject};
use crate::diagnostic::Finding;

check!(
    STRESS_NEVER_HOLDS,
    "capacity/stress-never-holds",
    Warning,
    "stress relief ends as soon as it begins",
    "it begins at `ActivationLevel` and ends below `DeactivationLevel`, both looked at ten times \
     a second: where the first is not above the second it begins and ends in one look, with two \
     lines in the log each time",
    "write an `ActivationLevel` well above `DeactivationLevel`",
    before: "\
General:
  ConfigurationVersion: 2
StressRelief:
  Mode: monitor
  ActivationLevel: 70
",
    change: "ActivationLevel: 70" => "\
ActivationLevel: 70
  DeactivationLevel: 55",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let begins = subject.held("StressRelief", "ActivationLevel")?;
    let ends = subject.held("StressRelief", "DeactivationLevel")?;
    let number = |held: Held<'_>| subject.ground.number(held.group, held.name);
    let is_monitored = subject.ground.text("StressRelief", "Mode") == "monitor";
    (is_monitored && number(begins) <= number(ends)).then(|| {
        let message =
            format!("relief begins at {} and ends below {}", begins.shown(), ends.shown());
        let finding = Finding::new(&STRESS_NEVER_HOLDS, message)
            .help("write an `ActivationLevel` well above `DeactivationLevel`, such as 90 and 75");
        let finding = finding.at_some(begins.setting.span(), "begins here");
        ends.place(finding, "and ends below this")
    })
}
