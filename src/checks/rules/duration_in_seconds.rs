//! A threshold in milliseconds that looks like seconds.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::convert::to_float;

check!(
    DURATION_IN_SECONDS,
    "rules/duration-in-seconds",
    Note,
    "`duration_ms` is compared with very few milliseconds",
    "The field is in milliseconds. Nearly every trace is longer than 10 ms; the same number of \
     seconds would be a common threshold.",
    "Use milliseconds: 2 seconds are 2000.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep slow traces
          SampleRate: 1
          Conditions:
            - Field: duration_ms
              Operator: \">\"
              Value: 2
              Datatype: float
",
    change: "Value: 2" => "Value: 2000",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let lower = context.conditions().filter(|condition| condition.has_operator(&[">", ">="]));
    lower.filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    condition
        .fields()
        .find(|(_, name)| ["duration_ms", "root.duration_ms"].contains(&name.as_str()))?;
    let bound = to_float(&condition.spec.value).filter(|ms| (0.5..=10.0).contains(ms))?;
    let finding = Finding::new(
        &DURATION_IN_SECONDS,
        format!("{bound} ms is a very low threshold for `duration_ms`"),
    )
    .help(format!("write {} if you mean seconds", bound * 1000.0));
    Some(finding.at_some(condition.value("Value"), "in milliseconds"))
}
