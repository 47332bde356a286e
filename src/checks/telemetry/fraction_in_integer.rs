//! A fraction in a key that is an integer.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::syntax::Value;

check!(
    FRACTION_IN_INTEGER,
    "telemetry/fraction-in-integer",
    Warning,
    "the fraction of a value is truncated",
    "Refinery's validator accepts fractions for these keys, but Refinery stores integers: 10.5 \
     becomes 10, and 0.5 becomes 0, which means the default.",
    "Use an integer.",
    before: "\
General:
  ConfigurationVersion: 2
StdoutLogger:
  SamplerEnabled: true
  SamplerThroughput: 10.5
",
    change: "SamplerThroughput: 10.5" => "SamplerThroughput: 10",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let whole = context.config_keys().filter(|key| {
        key.schema.go_type() == "int" && key.schema.text("format") == Some("go-float")
    });
    whole
        .filter_map(|key| {
            let item = context.item(key.group, key.name)?;
            let Value::Float(number) = item.value else { return None };
            let message = format!("{} is {}, not {}", key.path(), key.display_value(), item.raw);
            (number.fract() != 0.0 && !key.is_overridden()).then(|| {
                Finding::new(&FRACTION_IN_INTEGER, message)
                    .help("use an integer")
                    .at_some(item.span, "the fraction is truncated")
            })
        })
        .collect()
}
