//! A fraction that `Datatype: int` truncates.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::convert::to_int;

check!(
    FRACTION_TRUNCATED,
    "rules/fraction-truncated",
    Warning,
    "`Datatype: int` truncates the fraction of a value",
    "Refinery truncates both the value and the field before it compares them, so 1.9 equals 1.2.",
    "Use `Datatype: float`, or an integer.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: cpu.load
              Operator: \">\"
              Value: 0.5
              Datatype: int
",
    change: "Datatype: int" => "Datatype: float",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let whole = context.conditions().filter(|condition| condition.spec.datatype == "int");
    let compared = whole.filter(|condition| condition.has_operator(&COMPARING));
    compared.filter_map(report).collect()
}

const COMPARING: [&str; 8] = ["=", "!=", "<", "<=", ">", ">=", "in", "not-in"];

fn report(condition: ConditionAt) -> Option<Finding> {
    let values = match &condition.spec.value {
        Value::List(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let cut = values.iter().find(|value| matches!(value, Value::Float(n) if n.fract() != 0.0))?;
    let message = format!("`{cut}` in {} is compared as an integer", condition.rule.name());
    let text = format!("compared as {}", to_int(cut)?);
    let finding = Finding::new(&FRACTION_TRUNCATED, message).help("use `Datatype: float`");
    Some(finding.at_some(condition.value("Value"), text))
}
