//! Says in words why a rule does not match a trace.

use crate::engine::MismatchReason;
use crate::engine::convert::to_bool;
use crate::engine::spec::{ConditionSpec, RuleSpec};

/// Why a rule did not match a trace.
pub fn why_not(rule: &RuleSpec, reason: MismatchReason) -> String {
    let conditions = rule.conditions.as_deref().unwrap_or_default();
    let condition = match reason {
        MismatchReason::Condition(number) => conditions.get(number).and_then(Option::as_ref),
        MismatchReason::NoSpans => None,
    };
    let Some(condition) = condition else { return "the trace has no spans".to_owned() };
    let wanted = wording(condition);
    match (condition.operator.as_str(), rule.scope.as_str()) {
        ("has-root-span", _) if to_bool(&condition.value) => {
            "the trace has no root span".to_owned()
        }
        ("has-root-span", _) => "the trace has a root span".to_owned(),
        (_, "span") if conditions.len() > 1 => {
            format!("no span that matches the other conditions has {wanted}")
        }
        _ => format!("no span has {wanted}"),
    }
}

/// A condition as in the rules: `http.status_code >= 500`.
pub fn wording(condition: &ConditionSpec) -> String {
    let fields = match &condition.fields[..] {
        [] => condition.field.clone(),
        fields => fields.join(" or "),
    };
    let operator = &condition.operator;
    let value = &condition.value;
    match operator.as_str() {
        "has-root-span" => format!("`{operator} {}`", to_bool(value)),
        "exists" | "not-exists" => format!("`{fields} {operator}`"),
        _ if condition.datatype.is_empty() => format!("`{fields} {operator} {value}`"),
        _ => format!("`{fields} {operator} {value}` as {}", condition.datatype),
    }
}
