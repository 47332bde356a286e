//! Random rules with every operator, scope and type, and traces with the values of the rules.
//!
//! They are the same in every run. There are few fields and values, so that conditions overlap.

use crate::chance::Chance;
use refinery_preflight::internals::engine::spec::{ConditionSpec, RuleSpec, RulesSpec};
use refinery_preflight::internals::engine::{Fields, Trace, Value};

const FIELDS: [&str; 8] =
    ["a", "a", "b", "root.a", "root.b", "n.x", "root.n.x", "?.NUM_DESCENDANTS"];
/// A field and others inside it, paths with special syntax, and a name that is not a computed
/// field.
const RARE_FIELDS: [&str; 9] =
    ["n", "n", "root.n", "n.x.y", "n.x", "n.*", "n.#", "n.0", "?.SPAN_COUNT"];
const OPERATORS: [&str; 21] = [
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "exists",
    "not-exists",
    "starts-with",
    "contains",
    "does-not-contain",
    "matches",
    "in",
    "not-in",
    "has-root-span",
];
const DATATYPES: [&str; 6] = ["", "", "int", "float", "string", "bool"];
const PATTERNS: [&str; 20] = [
    "^a",
    "b$",
    "^a.c$",
    "^[0-9]+$",
    "a|5",
    "(?i)^AB",
    "^$",
    "^5\\d\\d$",
    "nil",
    "^(4|5)",
    "\\bab",
    "a{2,3}",
    "^[^a]*$",
    "(?s)^a.*c$",
    "^\\S+$",
    "(?m)^b$",
    "é|\\pL{4}",
    "^(a|ab)*?c?$",
    "[.]5$",
    "",
];
/// At the limits of integers and floats.
const EXTREMES: [Value; 9] = [
    Value::Int(i64::MAX),
    Value::Int(i64::MIN),
    Value::Int(9_007_199_254_740_993),
    Value::Float(9.223_372_036_854_776e18),
    Value::Float(1e-7),
    Value::Float(f64::NAN),
    Value::Float(f64::INFINITY),
    Value::Float(-0.0),
    Value::Null,
];

pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn constant(chance: &mut Chance) -> Value {
    if chance.below(16) == 0 {
        return chance.one_of(&EXTREMES).clone();
    }
    match chance.below(12) {
        0..4 => Value::Int(*chance.one_of(&[-1, 0, 1, 2, 4, 5, 6, 500])),
        4 => Value::Float(*chance.one_of(&[4.5, 5.0, 5.5, 1e6])),
        5..11 => text(chance.one_of::<&str>(&[
            "", "a", "ab", "abc", "b", "5", "5.5", "true", "<nil>", "nil", "[", "500",
        ])),
        _ => Value::Bool(chance.below(2) == 0),
    }
}

fn field(chance: &mut Chance) -> String {
    let is_rare = chance.below(16) == 0;
    (*if is_rare { chance.one_of(&RARE_FIELDS) } else { chance.one_of::<&str>(&FIELDS) }).to_owned()
}

pub fn condition(chance: &mut Chance) -> ConditionSpec {
    let operator = *chance.one_of(&OPERATORS);
    let one = field(chance);
    let mut spec = ConditionSpec {
        operator: operator.to_owned(),
        datatype: (*chance.one_of(&DATATYPES)).to_owned(),
        value: constant(chance),
        ..ConditionSpec::default()
    };
    match operator {
        "has-root-span" => {
            spec.value = Value::Bool(chance.below(2) == 0);
            return spec;
        }
        "matches" => spec.value = text(chance.one_of::<&str>(&PATTERNS)),
        "in" | "not-in" => {
            let count = chance.below(10).div_ceil(3);
            spec.value = Value::List((0..count).map(|_| constant(chance)).collect());
            if chance.below(8) == 0 {
                // A single value is accepted, too.
                spec.value = constant(chance);
            }
        }
        _ if chance.below(40) == 0 => spec.value = Value::List(vec![constant(chance)]),
        _ => {}
    }
    if one.starts_with("?.") && is_large(&spec.value) {
        // Longer than any trace.
        spec.value = Value::Int(3);
    }
    match chance.below(24) {
        0 => spec.fields = vec![one],
        1 => spec.fields = vec![one, field(chance), field(chance)],
        2..5 => spec.fields = vec![one, field(chance)],
        // Both keys: such a condition is not prepared.
        5 if chance.below(4) == 0 => (spec.field, spec.fields) = (one, vec![field(chance)]),
        _ => spec.field = one,
    }
    spec
}

fn is_large(value: &Value) -> bool {
    match value {
        Value::Int(n) => n.unsigned_abs() > 1000,
        Value::Float(n) => n.is_nan() || n.abs() > 1000.0,
        Value::List(items) => items.iter().any(is_large),
        _ => false,
    }
}

pub fn rule(chance: &mut Chance, number: usize) -> RuleSpec {
    let count = 1 + chance.below(3);
    RuleSpec {
        name: format!("r{number}"),
        sample_rate: 1 + i64::try_from(chance.below(3)).expect("small"),
        scope: (*chance.one_of(&["trace", "span", "span", ""])).to_owned(),
        drop: chance.below(8) == 0,
        conditions: Some((0..count).map(|_| Some(condition(chance))).collect()),
        ..RuleSpec::default()
    }
}

pub fn rules(chance: &mut Chance) -> RulesSpec {
    let count = 3 + chance.below(6);
    let mut rules: Vec<_> = (0..count).map(|number| Some(rule(chance, number))).collect();
    if chance.below(30) == 0 {
        // It matches every trace.
        let last = rules.last_mut().and_then(Option::as_mut).expect("a rule");
        match chance.below(2) {
            0 => "service".clone_into(&mut last.scope),
            _ => last.conditions = None,
        }
    }
    RulesSpec { rules, check_nested_fields: chance.below(5) == 0 }
}

/// Values of every type that are equal to, near or derived from the constants of the rules.
pub fn values(spec: &RulesSpec) -> Vec<Value> {
    let mut values = vec![
        Value::Null,
        Value::Bool(true),
        Value::Bool(false),
        Value::Float(f64::NAN),
        Value::Float(f64::INFINITY),
        Value::Float(f64::NEG_INFINITY),
        Value::Float(-0.0),
        Value::Float(1e300),
        Value::Uint(5),
        Value::Uint(u64::MAX),
        Value::Float32(5.0),
        Value::Float32(5.5),
        Value::Float32(f32::NAN),
        Value::Other("&{[5] 7}".to_owned()),
        Value::Other("2024-02-29 05:00:00 +0000 UTC".to_owned()),
        Value::List(vec![text("a"), text("5")]),
        Value::Map(Fields::new([("x".to_owned(), text("ab"))])),
        text("ac"),
        text("abcd"),
        text("aBc"),
        text("505"),
    ];
    let conditions = spec.rules.iter().flatten().flat_map(|rule| rule.conditions.iter().flatten());
    for condition in conditions.flatten() {
        match &condition.value {
            Value::List(items) => items.iter().for_each(|item| add_near(item, &mut values)),
            value => add_near(value, &mut values),
        }
    }
    values
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "values by chance")]
fn add_near(value: &Value, values: &mut Vec<Value>) {
    match value {
        Value::Int(n) => {
            for n in [n.saturating_sub(1), *n, n.saturating_add(1)] {
                let float = n as f64;
                values.extend([Value::Int(n), text(&n.to_string()), text(&format!("0{n}"))]);
                values.extend([float, float + 0.5].map(Value::Float));
                values.push(Value::Float32(float as f32 + 0.5));
            }
        }
        Value::Float(n) => {
            values.extend([*n, n.next_up(), n.next_down()].map(Value::Float));
            values.extend([Value::Int(*n as i64), Value::Float32(*n as f32), text(&n.to_string())]);
        }
        Value::Text(wanted) => {
            let mut shorter = wanted.clone();
            shorter.pop();
            values.extend([value.clone(), text(&shorter), text(&format!("{wanted}a"))]);
            values.extend([text(&format!("x{wanted}")), Value::List(vec![value.clone()])]);
        }
        other => values.push(other.clone()),
    }
}

fn span(chance: &mut Chance, values: &[Value]) -> Fields {
    let mut pairs = Vec::new();
    for name in ["a", "b", "n.x", "root.a"] {
        if chance.below(4) > 0 {
            pairs.push((name.to_owned(), chance.one_of(values).clone()));
        }
    }
    if chance.below(3) == 0 {
        let mut inner = chance.one_of(values).clone();
        if chance.below(4) == 0 {
            inner = Value::Map(Fields::new([("y".to_owned(), inner)]));
        }
        pairs.push(("n".to_owned(), Value::Map(Fields::new([("x".to_owned(), inner)]))));
    } else if chance.below(4) == 0 {
        pairs.push(("n".to_owned(), chance.one_of(values).clone()));
    }
    if chance.below(6) == 0 {
        let nested = Fields::new([("a".to_owned(), chance.one_of(values).clone())]);
        pairs.push(("root".to_owned(), Value::Map(nested)));
    }
    Fields::new(pairs)
}

/// Creates a trace with one to six spans, mostly with a root. Some spans are equal.
pub fn trace(chance: &mut Chance, values: &[Value]) -> Trace {
    let mut trace = Trace::new("t");
    if chance.below(3) > 0 {
        trace.push_root(span(chance, values));
    }
    let least = usize::from(trace.root().is_none());
    for _ in 0..least + chance.below(4) {
        let copy = trace.spans().first().filter(|_| chance.below(4) == 0).cloned();
        let span = copy.unwrap_or_else(|| span(chance, values));
        trace.push(span);
    }
    trace
}
