//! Stress relief that never ends.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    STRESS_RELIEF_ALWAYS_ON,
    "capacity/stress-relief-always-on",
    Warning,
    "stress relief is always on, so no rule is ever evaluated",
    "With `Mode: always` Refinery samples every new trace by its trace ID, one in `SamplingRate`. \
     The rules file has no effect.",
    "Use `Mode: monitor` or `Mode: never`.",
    before: "\
General:
  ConfigurationVersion: 2
StressRelief:
  Mode: always
",
    change: "Mode: always" => "Mode: monitor",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let mode = context.known("StressRelief", "Mode")?;
    (mode.text() == "always").then(|| {
        let rate = context.number("StressRelief", "SamplingRate");
        let kept =
            rate.map_or("some traces are".to_owned(), |rate| format!("one trace in {rate} is"));
        let message = format!("stress relief is always on: {kept} kept, and the rules are ignored");
        let finding = Finding::new(&STRESS_RELIEF_ALWAYS_ON, message).help("write `Mode: monitor`");
        mode.place(finding, "the rules are never evaluated")
    })
}
