//! A word that is neither true nor false where one is asked.

use crate::check;
use crate::checks::{ConditionAt, Subject};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::value::number::parse_bool;

check!(
    NOT_A_TRUTH,
    "rules/not-a-truth",
    Error,
    "a value that is neither true nor false is read as false",
    "the engine knows Go's words for truth alone (`true`, `t`, `1` and their like); `yes`, `on`, \
     or no value at all is false, so that the condition asks for the opposite of what it says",
    "write `true` or `false`",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    subject.conditions().filter(|condition| wants_truth(condition)).filter_map(report).collect()
}

fn wants_truth(condition: &ConditionAt) -> bool {
    let Value::List(_) = condition.spec.value else {
        let is_truth = condition.spec.datatype == "bool" && condition.has_operator(&["=", "!="]);
        let is_there = condition.spec.value != Value::Null;
        return is_truth && is_there || condition.has_operator(&["has-root-span"]);
    };
    false
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let value = condition.spec.value.text();
    parse_bool(&value).err()?;
    let what = match condition.spec.value {
        Value::Null => "no value".to_owned(),
        _ => format!("`{value}`"),
    };
    let message = format!("{what} is read as false in {}", condition.rule.name());
    let place = condition.value("Value").or_else(|| condition.value("Operator"));
    Some(
        Finding::new(&NOT_A_TRUTH, message).help("write `true` or `false`").at_some(place, "false"),
    )
}
