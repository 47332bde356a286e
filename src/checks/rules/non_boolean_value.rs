//! A value that is not a boolean where one is required.

use crate::check;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::value::number::parse_bool;

check!(
    NON_BOOLEAN_VALUE,
    "rules/non-boolean-value",
    Error,
    "a value that is not a boolean is read as false",
    "Refinery only accepts Go's spellings (`true`, `t`, `1` and the like). `yes`, `on` or a \
     missing value is false, so the condition tests the opposite of what it says.",
    "Use `true` or `false`.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Operator: has-root-span
              Value: yes
",
    change: "Value: yes" => "Value: true",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context
        .conditions()
        .filter(|condition| requires_boolean(condition))
        .filter_map(report)
        .collect()
}

fn requires_boolean(condition: &ConditionAt) -> bool {
    let Value::List(_) = condition.spec.value else {
        let is_boolean = condition.spec.datatype == "bool" && condition.has_operator(&["=", "!="]);
        let has_value = condition.spec.value != Value::Null;
        return is_boolean && has_value || condition.has_operator(&["has-root-span"]);
    };
    false
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let value = condition.spec.value.text();
    parse_bool(&value).err()?;
    let what = match condition.spec.value {
        Value::Null => "a missing value".to_owned(),
        _ => format!("`{value}`"),
    };
    let message = format!("{what} is read as false in {}", condition.rule.name());
    let place = condition.value("Value").or_else(|| condition.value("Operator"));
    Some(
        Finding::new(&NON_BOOLEAN_VALUE, message)
            .help("use `true` or `false`")
            .at_some(place, "read as false"),
    )
}
