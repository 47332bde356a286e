//! Rules whose last rule never matches, by kind of reason, and rules where it only seems so.
//!
//! One rule per line: a scope, optionally with a rate after `@`, then conditions after commas. A
//! condition is a field or several separated by bars, an operator, a value, and an optional type after a
//! colon. Values that look like numbers are numbers.

use super::random_specs::{rule, text};
use crate::chance::Chance;
use refinery_preflight::internals::engine::Value;
use refinery_preflight::internals::engine::spec::{ConditionSpec, RuleSpec, RulesSpec};

pub const KINDS: [&str; 64] = [
    // Any trace matches a rule with another scope.
    "service a = x\ntrace b exists",
    // One condition contradicts another.
    "span a = 5 :int, a = 6 :int",
    "span a = x, a = y",
    "span a > 5 :float, a < 4 :float",
    "span a exists, a not-exists",
    "span a starts-with x, a starts-with y",
    "span a contains xy, a does-not-contain y",
    "span a in x|y, a not-in x|y|z",
    "span a = true :bool, a = false :bool",
    "span a matches ^x, a starts-with y",
    "span a matches ^[0-9]+$, a contains x",
    "span a matches ^5\\d\\d$, a < 500 :int",
    "span a matches ^a+$, a matches ^b+$",
    "span a starts-with /health, a matches ^/api/",
    "span a = abc :string, a matches ^ab$",
    "span a >= b :string, a starts-with ab",
    "span a = 5 :int, a = x",
    "span a = 5, a = 6 :int, a != 6.5 :float, a < 6",
    "trace root.a = x, root.a = y",
    "trace has-root-span true, has-root-span false",
    "trace has-root-span false, root.a exists",
    "trace has-root-span false, root.a = x",
    "trace ?.NUM_DESCENDANTS > 5, ?.NUM_DESCENDANTS < 6",
    "trace ?.NUM_DESCENDANTS < 1",
    "trace a|b not-exists, root.a exists, ?.NUM_DESCENDANTS < 2",
    "trace a = x, a = y, ?.NUM_DESCENDANTS = 1",
    "span a|b not-exists, b exists",
    "span a|b = x, a = y",
    "span a > 5, a < 5, a not-in NaN :string",
    "trace root.b starts-with 5.5, root.b <= 0",
    "span a matches ^\\pL+$, a contains 5",
    "span a > 500 :float, a matches (?m)^b$",
    "span a > 5, a contains b, a not-in NaN|x :string",
    // One rule covers another.
    "trace ?.NUM_DESCENDANTS exists\ntrace a not-exists, root.b starts-with 5.5, root.b <= 0",
    "trace a exists\nspan a = x",
    "trace a exists\ntrace root.a = x",
    "trace a = x\ntrace root.a = x",
    "span a = x\ntrace root.a = x",
    "trace a >= 400 :int\nspan a >= 500 :int, b exists",
    "trace a >= 400 :int\ntrace a = 500 :int",
    "trace a > 4\ntrace a = 5 :int, a not-in 5|NaN :string, a > 4",
    "trace a in x|y|z\ntrace a = y",
    "trace a starts-with /api\ntrace a matches ^/api/v[12]/",
    "trace a matches ^/api\ntrace a starts-with /api/v1",
    "trace a matches err\ntrace a contains error",
    "trace a matches (?i)^error$\ntrace a = ERROR",
    "trace a does-not-contain x\ntrace a = y",
    "trace a|b exists\ntrace a = x",
    "trace a|b exists\ntrace b = x",
    "trace a|b = x\ntrace a = x",
    "trace has-root-span true\ntrace root.a exists",
    "trace ?.NUM_DESCENDANTS >= 1\ntrace a exists",
    "trace ?.NUM_DESCENDANTS > 10\ntrace ?.NUM_DESCENDANTS > 100, a exists",
    "span a = x, b = y\ntrace root.a = x, root.b = y",
    // Several rules together cover another.
    "trace a exists\ntrace a not-exists\ntrace b = x",
    "trace has-root-span true\ntrace has-root-span false\ntrace b = x",
    "trace a >= 500 :int\ntrace a < 500 :int\ntrace a in 200|404 :int",
    "trace a = x\ntrace a = y\ntrace a in x|y, b exists",
    "span a exists, b exists\nspan a exists, b not-exists\ntrace a = x",
    "trace root.a = x\nspan a = x\ntrace a = x, b exists",
    "trace a starts-with x\ntrace a starts-with y\ntrace a matches ^[xy]",
    "trace ?.NUM_DESCENDANTS < 10\ntrace ?.NUM_DESCENDANTS >= 10\ntrace a exists",
    "trace a < m :string\ntrace a >= m :string\ntrace b exists",
    "span a >= 100 :int, a < 200 :int\nspan a >= 200 :int, a < 300 :int\nspan a >= 150 :int, a < 250 :int",
];

/// With `CheckNestedFields`: rules whose last rule never matches.
pub const NESTED_KINDS: [&str; 4] = [
    "span n.x = a, n.x = b",
    // Without `a` and `root.b`, the condition with both reads `a` of the root span.
    "trace root.a exists\nspan a not-exists, root.b not-exists, a|root.b = x",
    "trace root.a = x\nspan a not-exists, root.b not-exists, a|root.b = x",
    // In the only span, `root` is a mapping or a string.
    "trace n.x exists\nspan root.n.x = a, root = b, ?.NUM_DESCENDANTS < 2",
];

pub const NESTED_LIVE: [&str; 11] = [
    // The field has another type than what a nested lookup returns for it.
    "trace root.a starts-with {\nspan a not-exists, root.b not-exists, a|root.b starts-with {",
    "trace root.a = 5\nspan a not-exists, root.b not-exists, a|root.b = 5 :int",
    // A span may have a mapping with the name `root`.
    "trace n.x exists\ntrace root.n.x = a",
    // What contains a nested field is a mapping.
    "trace n.x not-exists\ntrace n not-exists\nspan n exists, n.x = a, n != a",
    "trace n.x not-exists\nspan n.x = a, n.x.y exists",
    // Nothing nested is found beside NaN.
    "span n.x not-exists, a >= 5, a <= 4",
    "span root.a = 5, a not-exists, a|root.b not-exists",
    "span n.* exists, n not-exists, b = 5",
    // A key may have any characters; without a root span, only nested fields have this name.
    "trace has-root-span false, root.n.# = a",
    // Without a root span, each span is searched.
    "trace has-root-span false, root.n.x = a, root.n.x = b",
    "trace has-root-span false, root.n\\.x = a",
];

pub const LIVE: [&str; 29] = [
    // NaN equals every number if no type is given.
    "span a = 5, a = 6",
    "span a < 5, a <= 5\nspan a >= 5, a <= 4",
    // Two spans.
    "trace a = x, a = y",
    "trace a exists, a not-exists",
    "span a = x, b = y\ntrace a = x, b = y",
    // A large float does not convert to an integer that is at least 0.
    "trace a >= 0 :int\ntrace a >= 0 :float",
    // Unsigned integers and lists exist but match no comparison.
    "trace a >= 0\ntrace a < 0\ntrace a exists",
    "trace a >= 0 :float\ntrace a < 0 :float\ntrace a matches ^[0-9]+$",
    "trace a = x\ntrace a != x\ntrace a exists",
    // A missing field is compared as the string `<nil>`.
    "trace a exists\ntrace a contains nil",
    "span a not-exists, a does-not-contain x",
    // Traces without a root have no root fields.
    "trace root.a exists\ntrace a exists",
    "trace root.a not-exists, has-root-span false",
    "trace has-root-span true\ntrace a exists",
    // The first existing field is used.
    "trace a|b = x\ntrace b = x",
    "trace a = x\ntrace a|b = x",
    "trace a starts-with xy\ntrace a starts-with x",
    "trace a matches ^x$\ntrace a matches ^x",
    "trace a contains ab\ntrace a matches a.b",
    "span a matches ^\\pL5\\pL$",
    "span a matches ^[0-9]+$, a > 5 :float",
    "span a = 5.5 :float, a = 5 :int",
    "trace ?.NUM_DESCENDANTS > 3\ntrace a = x, a = y, b = x",
    "trace has-root-span false, a = x, b = y, ?.NUM_DESCENDANTS = 1",
    "trace has-root-span true, a = x, a = y, b = z, ?.NUM_DESCENDANTS = 2",
    // Covers all strings, but not other types that are printed the same.
    "trace a > m\ntrace a <= m\ntrace a matches ^\\[q.r",
    "trace a > m\ntrace a <= m\ntrace a matches ^map\\[q:r",
    "trace a >= 0 :float\ntrace a < 0 :float\ntrace a > m\ntrace a <= m\ntrace a matches ^1844674407370955161[0-4]$",
    "trace a > m\ntrace a <= m\ntrace a in 1|2 :int\ntrace a matches ^[1-3]\\.[2-4]5$",
];

/// Rules with equal decisions.
pub const EQUAL: [[&str; 2]; 14] = [
    ["trace@5 a = x, b = y", "trace@5 b = y, a = x"],
    ["trace@5 a = x\ntrace@5 a = y", "trace@5 a in x|y"],
    ["trace@5 a >= 500 :int", "trace@5 a > 499 :int"],
    ["span@5 root.a = x", "trace@5 root.a = x"],
    ["trace@5 root.a = x\ntrace@7 root.a = y", "trace@7 root.a = y\ntrace@5 root.a = x"],
    ["trace@5 a starts-with x", "trace@5 a matches ^x"],
    ["trace@5 a contains x", "trace@5 a matches x"],
    ["trace@5 a exists\ntrace@1 b = x", "trace@5 a exists"],
    ["trace@5 a = 5 :int", "trace@5 a in 5 :int"],
    ["trace@5 a != x :string", "trace@5 a not-in x"],
    ["trace@5 ?.NUM_DESCENDANTS > 5", "trace@5 ?.NUM_DESCENDANTS >= 6 :int"],
    ["trace@5 a matches ^(x|y)$", "trace@5 a in x|y"],
    ["trace@5 a exists\ntrace@7 a not-exists", "trace@5 a exists\ntrace@7 b contains "],
    ["span@5 a = x, b exists\nspan@5 a = x, b not-exists", "span@5 a = x"],
];

/// Rules with different decisions.
pub const DIFFERENT: [[&str; 2]; 12] = [
    ["trace@5 a = 5", "trace@5 a = 5 :int"],
    ["trace@5 a = x\ntrace@7 a = y", "trace@7 a = y\ntrace@5 a = x"],
    ["trace@5 a >= 500 :int", "trace@5 a >= 500 :float"],
    ["span@5 a = x, b = y", "trace@5 a = x, b = y"],
    ["trace@5 root.a = x", "trace@5 a = x"],
    ["trace@5 a != x", "trace@5 a not-in x"],
    ["trace@5 a = x", "trace@6 a = x"],
    ["trace@5 a matches ^5$", "trace@5 a = 5 :int"],
    ["trace@5 a|b = x", "trace@5 b|a = x"],
    ["trace@0 a = x", "trace@1 a = x"],
    ["span@5 a not-exists", "trace@5 a not-exists, b exists"],
    ["trace@5 a matches ^x", "trace@5 a matches ^x+$"],
];

/// Parses rules in the notation above.
pub fn read(written: &str) -> RulesSpec {
    let rules = written.lines().enumerate().map(|(number, line)| {
        let (scope, conditions) = line.split_once(' ').expect("a scope");
        let default = (10 + number).to_string();
        let (scope, rate) = scope.split_once('@').unwrap_or((scope, &default));
        Some(RuleSpec {
            name: format!("p{number}"),
            sample_rate: rate.parse().expect("a rate"),
            scope: scope.to_owned(),
            conditions: Some(conditions.split(", ").map(|c| Some(read_condition(c))).collect()),
            ..RuleSpec::default()
        })
    });
    RulesSpec { rules: rules.collect(), check_nested_fields: false }
}

fn read_condition(written: &str) -> ConditionSpec {
    let (written, datatype) = written.split_once(" :").unwrap_or((written, ""));
    let mut words = written.splitn(3, ' ');
    let first = words.next().expect("a word");
    let (fields, operator) = if first == "has-root-span" {
        (Vec::new(), first)
    } else {
        (first.split('|').map(str::to_owned).collect(), words.next().expect("an operator"))
    };
    let value = words.next().unwrap_or_default();
    let value = match operator {
        "in" | "not-in" => Value::List(value.split('|').map(read_value).collect()),
        "matches" => text(value),
        _ => read_value(value),
    };
    let (field, fields) = match fields.as_slice() {
        [] => (String::new(), Vec::new()),
        [one] => (one.clone(), Vec::new()),
        _ => (String::new(), fields),
    };
    ConditionSpec {
        field,
        fields,
        operator: operator.to_owned(),
        value,
        datatype: datatype.to_owned(),
    }
}

fn read_value(written: &str) -> Value {
    match written {
        "true" | "false" => Value::Bool(written == "true"),
        // A string, although it could be parsed as a number.
        "NaN" => text(written),
        _ => match (written.parse(), written.parse()) {
            (Ok(n), _) => Value::Int(n),
            (_, Ok(n)) => Value::Float(n),
            _ => text(written),
        },
    }
}

/// Inserts random rules before, between and after these; returns the new index of the last one.
pub fn plant(spec: &RulesSpec, chance: &mut Chance) -> (RulesSpec, usize) {
    let mut rules = spec.rules.clone();
    let mut unreachable = rules.len() - 1;
    for number in 0..=chance.below(4) {
        let at = chance.below(rules.len() + 1);
        rules.insert(at, Some(rule(chance, number)));
        unreachable += usize::from(at <= unreachable);
    }
    (RulesSpec { rules, ..spec.clone() }, unreachable)
}
