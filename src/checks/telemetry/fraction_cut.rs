//! A fraction for a key that is a whole number.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::syntax::Value;

check!(
    FRACTION_CUT,
    "telemetry/fraction-cut",
    Warning,
    "a fraction is cut off",
    "the validator takes numbers with a fraction for these keys, and the engine holds whole ones: \
     10.5 is 10, and 0.5 is 0, which gives way to the default",
    "write a whole number",
    before: "\
General:
  ConfigurationVersion: 2
StdoutLogger:
  SamplerEnabled: true
  SamplerThroughput: 10.5
",
    change: "SamplerThroughput: 10.5" => "SamplerThroughput: 10",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let whole = subject
        .all_held()
        .filter(|held| held.key.go_type() == "int" && held.key.text("format") == Some("go-float"));
    whole
        .filter_map(|held| {
            let item = subject.item(held.group, held.name)?;
            let Value::Float(number) = item.value else { return None };
            let message = format!("{} is {}, not {}", held.title(), held.shown(), item.raw);
            (number.fract() != 0.0 && !held.is_overridden()).then(|| {
                Finding::new(&FRACTION_CUT, message)
                    .help("write a whole number")
                    .at_some(item.span, "the fraction is cut off")
            })
        })
        .collect()
}
