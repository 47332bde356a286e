//! Stress relief that never ends.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    STRESS_ALWAYS,
    "capacity/stress-always",
    Warning,
    "no rule is ever asked: stress relief is always on",
    "with `Mode: always` every new trace is kept or dropped by its id alone, one in \
     `SamplingRate`, and the rules file has no effect",
    "write `Mode: monitor`, or `never`",
    before: "\
General:
  ConfigurationVersion: 2
StressRelief:
  Mode: always
",
    change: "Mode: always" => "Mode: monitor",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let mode = subject.known("StressRelief", "Mode")?;
    (mode.text() == "always").then(|| {
        let rate = subject.ground.number("StressRelief", "SamplingRate");
        let message = format!("one trace in {rate} is kept, whatever the rules say");
        let finding = Finding::new(&STRESS_ALWAYS, message).help("write `Mode: monitor`");
        mode.place(finding, "the rules are never asked")
    })
}
