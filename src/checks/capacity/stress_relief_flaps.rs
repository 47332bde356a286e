//! Stress relief thresholds in the wrong order.

use crate::check;
use crate::checks::{CheckContext, ConfigKey};
use crate::diagnostic::Finding;

check!(
    STRESS_RELIEF_FLAPS,
    "capacity/stress-relief-flaps",
    Warning,
    "stress relief ends as soon as it starts",
    "Refinery checks ten times a second: stress relief starts at `ActivationLevel` and ends below \
     `DeactivationLevel`. Unless the first is above the second, it starts and ends in the same \
     check and logs two lines each time.",
    "Set `ActivationLevel` well above `DeactivationLevel`.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let begins = context.known("StressRelief", "ActivationLevel")?;
    let ends = context.known("StressRelief", "DeactivationLevel")?;
    let number = |key: ConfigKey<'_>| context.stage.number(key.group, key.name);
    let is_monitored = context.stage.text("StressRelief", "Mode") == "monitor";
    (is_monitored && number(begins) <= number(ends)).then(|| {
        let message = format!(
            "stress relief starts at {} and ends below {}",
            begins.display_value(),
            ends.display_value()
        );
        let finding = Finding::new(&STRESS_RELIEF_FLAPS, message)
            .help("set `ActivationLevel` well above `DeactivationLevel`, such as 90 and 75");
        let finding = finding.at_some(begins.setting.span(), "starts here");
        ends.place(finding, "ends below this")
    })
}
