//! Random rules and traces, the same in every run.
//!
//! There are few fields and values, so that conditions overlap. Each value has neighbours, and similar
//! values of other types.

use crate::chance::Chance;
use refinery_preflight::internals::engine::{Fields, Trace, Value};
use std::fmt::Write;

/// A rule in YAML.
#[derive(Clone)]
pub struct Written {
    pub name: String,
    pub scope: &'static str,
    pub rate: usize,
    /// In YAML's flow style.
    pub conditions: Vec<String>,
}

const FIELDS: [&str; 7] = ["a", "a", "b", "root.a", "n.x", "root.n.x", "'?.NUM_DESCENDANTS'"];
const RELATIONS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];
const OTHERS: [&str; 9] = [
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
const VALUES: [&str; 18] = [
    "4", "5", "6", "5.0", "5.5", "-1", "0", "'5'", "'5.5'", "a", "ab", "abc", "''", "true",
    "false", "'true'", "'<nil>'", "nil",
];
const LISTS: [&str; 6] = ["[4, 5]", "[5, 6]", "[a, ab]", "[]", "['5']", "[5.0, 5.5]"];
const SCOPES: [&str; 4] = ["trace", "span", "span", ""];

pub fn condition(chance: &mut Chance) -> String {
    let one = *chance.one_of(&FIELDS);
    let field = match chance.below(8) {
        0 => format!("Fields: [{one}, b]"),
        _ => format!("Field: {one}"),
    };
    let is_relation = chance.below(2) == 0;
    let operator = *if is_relation { chance.one_of(&RELATIONS) } else { chance.one_of(&OTHERS) };
    if operator == "has-root-span" {
        return format!(
            "{{Operator: has-root-span, Value: {}}}",
            chance.one_of(&["true", "false"])
        );
    }
    let is_list = operator.ends_with("in") && chance.below(4) > 0;
    let value = *if is_list { chance.one_of(&LISTS) } else { chance.one_of(&VALUES) };
    let mut written = format!("{{{field}, Operator: '{operator}', Value: {value}");
    let datatype = *chance.one_of(&DATATYPES);
    if !datatype.is_empty() {
        write!(written, ", Datatype: {datatype}").expect("memory");
    }
    written + "}"
}

pub fn rules(chance: &mut Chance) -> Vec<Written> {
    let count = 4 + chance.below(6);
    let rule = |number: usize| {
        let (scope, rate) = (*chance.one_of(&SCOPES), 1 + chance.below(3));
        let conditions = (0..=chance.below(3)).map(|_| condition(chance)).collect();
        Written { name: format!("r{number}"), scope, rate, conditions }
    };
    (0..count).map(rule).collect()
}

/// The rule and the condition of a line, both counted from 0.
pub type Line = Option<(usize, Option<usize>)>;

/// Prints a rules file, with the rule and condition of each line.
pub fn print(rules: &[Written], nested: bool) -> (String, Vec<Line>) {
    let mut text =
        String::from("RulesVersion: 2\nSamplers:\n  __default__:\n    RulesBasedSampler:\n");
    let mut lines = vec![None; 4];
    let mut line = |words: String, of| {
        text.push_str(&words);
        lines.push(of);
    };
    line(format!("      CheckNestedFields: {nested}\n"), None);
    line("      Rules:\n".to_owned(), None);
    for (n, rule) in rules.iter().enumerate() {
        line(format!("        - Name: {}\n", rule.name), Some((n, None)));
        line(format!("          SampleRate: {}\n", rule.rate), Some((n, None)));
        if !rule.scope.is_empty() {
            line(format!("          Scope: {}\n", rule.scope), Some((n, None)));
        }
        if !rule.conditions.is_empty() {
            line("          Conditions:\n".to_owned(), Some((n, None)));
        }
        for (c, condition) in rule.conditions.iter().enumerate() {
            line(format!("            - {condition}\n"), Some((n, Some(c))));
        }
    }
    (text, lines)
}

fn value(chance: &mut Chance) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    match chance.below(16) {
        0..4 => Value::Int(*chance.one_of(&[-1, 0, 3, 4, 5, 6, 7])),
        4..7 => Value::Float(*chance.one_of(&[4.0, 4.9, 5.0, 5.4, 5.5, 5.6, -0.0, f64::NAN])),
        7..13 => text(chance.one_of::<&str>(&[
            "", "a", "ab", "abc", "abd", "b", "4", "5", "5.5", "05", "6", "true", "T", "<nil>",
            "nil",
        ])),
        13 => Value::Bool(chance.below(2) == 0),
        14 => Value::Null,
        _ => Value::List(vec![text("a"), text("ab")]),
    }
}

fn span(chance: &mut Chance) -> Fields {
    let mut pairs = Vec::new();
    for name in ["a", "b", "n.x", "root.a"] {
        if chance.below(4) > 0 {
            pairs.push((name.to_owned(), value(chance)));
        }
    }
    if chance.below(2) == 0 {
        let nested = Fields::new([("x".to_owned(), value(chance))]);
        pairs.push(("n".to_owned(), Value::Map(nested)));
    }
    Fields::new(pairs)
}

/// Creates a trace with at least one span.
pub fn trace(chance: &mut Chance) -> Trace {
    let mut trace = Trace::new("t");
    let has_root = chance.below(3) > 0;
    for _ in usize::from(has_root)..=chance.below(4) {
        trace.push(span(chance));
    }
    if has_root {
        trace.push_root(span(chance));
    }
    trace
}
