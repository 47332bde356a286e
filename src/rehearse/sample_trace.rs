//! Traces made to reach a rule: fields that satisfy its conditions.

use crate::engine::spec::{ConditionSpec, RuleSpec, RulesSpec};
use crate::engine::{Fields, Trace, Value};
use std::collections::BTreeMap;

/// An ordinary trace of two spans, which no rule was looked at for.
pub fn ordinary() -> Trace {
    let mut trace = Trace::new("an-ordinary-trace");
    trace.push_root(Fields::new([("a".to_owned(), Value::Int(1))]));
    trace.push(Fields::new([("b".to_owned(), Value::Text("x".to_owned()))]));
    trace
}

/// A trace for each rule, as near as its conditions can be met.
pub fn for_rules(spec: &RulesSpec) -> Vec<Trace> {
    spec.rules.iter().flatten().map(for_rule).collect()
}

fn for_rule(rule: &RuleSpec) -> Trace {
    let mut wish = Wish { has_root: true, spans: 1, fields: BTreeMap::new() };
    for condition in rule.conditions.iter().flatten().flatten() {
        wish.add(condition);
    }
    wish.grant()
}

/// What a trace must be.
struct Wish {
    has_root: bool,
    spans: usize,
    fields: BTreeMap<String, Value>,
}

/// More spans than this are not made for a condition on their number.
const MOST_SPANS: i64 = 1_000;

impl Wish {
    fn add(&mut self, condition: &ConditionSpec) {
        let operator = condition.operator.as_str();
        let name = condition.fields.first().unwrap_or(&condition.field);
        if operator == "has-root-span" {
            self.has_root = crate::engine::convert::to_bool(&condition.value);
        } else if name.starts_with("?.") {
            self.spans = number_of_spans(operator, &condition.value);
        } else if let Some(value) = satisfying(operator, &condition.value) {
            let name = name.strip_prefix("root.").unwrap_or(name);
            self.fields.insert(name.to_owned(), value);
        }
    }

    /// One span holds all fields; the others are there for their number.
    fn grant(self) -> Trace {
        let mut trace = Trace::new("a-trace-for-a-rule");
        let fields = Fields::new(self.fields);
        if self.has_root {
            trace.push_root(fields);
        } else {
            trace.push(fields);
        }
        (1..self.spans).for_each(|_| trace.push(Fields::default()));
        trace
    }
}

fn number_of_spans(operator: &str, value: &Value) -> usize {
    let Value::Int(n) = value else { return 1 };
    let wanted = match operator {
        ">" | "!=" => n.saturating_add(1),
        "<" => n.saturating_sub(1),
        _ => *n,
    };
    usize::try_from(wanted.clamp(1, MOST_SPANS)).unwrap_or(1)
}

/// A value that meets a condition; none where the field had better be absent.
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

/// The letters of a simple pattern, which often match it.
fn literal(pattern: &str) -> String {
    pattern.chars().filter(|c| !"^$\\()[]{}*+?|".contains(*c)).collect()
}
