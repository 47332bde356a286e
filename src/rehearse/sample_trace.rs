//! Creates traces that reach a rule: their fields satisfy its conditions.

use super::witness::{Draft, MAX_SPANS, is_real, literal};
use crate::engine::spec::{ConditionSpec, RuleSpec};
use crate::engine::{Fields, Trace, Value};
use std::collections::BTreeMap;

/// An ordinary trace of two spans, independent of any rule.
pub fn ordinary() -> Trace {
    let mut trace = Trace::new("an-ordinary-trace");
    trace.push_root(Fields::new([("a".to_owned(), Value::Int(1))]));
    trace.push(Fields::new([("b".to_owned(), Value::Text("x".to_owned()))]));
    trace
}

/// A draft that satisfies as many conditions of the rule as possible.
pub fn for_rule(rule: &RuleSpec) -> Draft {
    let mut draft = Draft { has_root: true, spans: 1, fields: BTreeMap::new() };
    for condition in rule.conditions.iter().flatten().flatten() {
        meet(&mut draft, condition);
    }
    draft
}

fn meet(draft: &mut Draft, condition: &ConditionSpec) {
    let operator = condition.operator.as_str();
    let name = condition.fields.first().unwrap_or(&condition.field);
    if operator == "has-root-span" {
        draft.has_root = crate::engine::convert::to_bool(&condition.value);
    } else if name.starts_with("?.") {
        draft.spans = number_of_spans(operator, &condition.value);
    } else if let Some(value) = satisfying(operator, &condition.value)
        && is_real(name)
    {
        let name = name.strip_prefix("root.").unwrap_or(name);
        draft.fields.insert(name.to_owned(), value);
    }
}

fn number_of_spans(operator: &str, value: &Value) -> usize {
    let Value::Int(n) = value else { return 1 };
    let wanted = match operator {
        ">" | "!=" => n.saturating_add(1),
        "<" => n.saturating_sub(1),
        _ => *n,
    };
    usize::try_from(wanted.clamp(1, MAX_SPANS)).unwrap_or(1)
}

/// A value that satisfies a condition; `None` if the field should be absent.
fn satisfying(operator: &str, value: &Value) -> Option<Value> {
    Some(match (operator, value) {
        ("not-exists", _) => return None,
        ("exists" | "does-not-contain" | "not-in", _) => Value::Text("something-else".to_owned()),
        ("in", Value::List(items)) => items.first()?.clone(),
        ("!=" | ">", Value::Int(n)) => Value::Int(n.saturating_add(1)),
        ("<", Value::Int(n)) => Value::Int(n.saturating_sub(1)),
        ("!=" | ">", Value::Float(n)) => Value::Float(n + 1.0),
        ("<", Value::Float(n)) => Value::Float(n - 1.0),
        ("!=" | ">", Value::Text(text)) => Value::Text(format!("{text}~")),
        ("!=", Value::Bool(b)) => Value::Bool(!b),
        ("matches", Value::Text(pattern)) => Value::Text(literal(pattern)),
        (_, value) => value.clone(),
    })
}
