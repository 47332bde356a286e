//! Compares decisions with those of Refinery's own samplers for the same traces.
//!
//! `fixtures/decisions` contains a part of the recordings, and `odd-*.jsonl` for what they miss:
//! null and unsigned values, unusual paths, scopes and types, a hundred distinct values. All
//! recordings are next to the crate, in `../shared`; a clone without them skips that test.

use crate::rules::load;
use refinery_preflight::internals::engine::{Decision, Fields, Keep, Process, Trace, Value};
use refinery_preflight::internals::syntax::DataFormat;
use serde_json::Value as Json;

const RECORDINGS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/conformance/decisions.jsonl");
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/decisions");

fn trace(json: &Json) -> Trace {
    let mut trace = Trace::new(json["id"].as_str().unwrap());
    for span in json["spans"].as_array().unwrap() {
        let fields = span["fields"].as_object().unwrap();
        let fields = Fields::new(fields.iter().map(|(name, v)| (name.clone(), typed(v))));
        match span["root"].as_bool() {
            Some(true) => trace.push_root(fields),
            _ => trace.push(fields),
        }
    }
    trace
}

/// A field's value, with its type.
fn typed(json: &Json) -> Value {
    let Some((kind, value)) = json.as_object().unwrap().iter().next() else { return Value::Null };
    match kind.as_str() {
        "int" => Value::Int(value.as_i64().unwrap()),
        "uint" => Value::Uint(value.as_u64().unwrap()),
        "float" => Value::Float(value.as_f64().unwrap()),
        "str" => Value::Text(value.as_str().unwrap().to_owned()),
        "bool" => Value::Bool(value.as_bool().unwrap()),
        "map" => untyped(value),
        _ => panic!("unknown type {kind}"),
    }
}

/// Inside a mapping all numbers are floats.
fn untyped(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Float(n.as_f64().unwrap()),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(untyped).collect()),
        Json::Object(map) => {
            Value::Map(Fields::new(map.iter().map(|(name, v)| (name.clone(), untyped(v)))))
        }
    }
}

fn agrees(decision: &Decision<'_>, recorded: &Json) -> bool {
    let keep = match decision.keep {
        Keep::Yes => Some(true),
        Keep::No => Some(false),
        Keep::Chance => None,
    };
    decision.reason == recorded["reason"]
        && decision.key == recorded["key"]
        && recorded["rate"] == decision.rate
        && recorded.get("keep").is_none_or(|k| k.as_bool() == keep)
}

/// Compares a recording, appends differences to `wrong` and returns the number of decisions.
fn compare(line: &str, wrong: &mut Vec<String>) -> usize {
    let case: Json = serde_json::from_str(line).unwrap();
    let (rules, target) = (case["rules"].as_str().unwrap(), case["target"].as_str().unwrap());
    let mut process = Process::new();
    let sampler = process.build(target, &load(DataFormat::Yaml, rules, target), 0).unwrap();
    let decisions = case["decisions"].as_array().unwrap();
    for pair in decisions {
        let decision = process.decide(&sampler, &trace(&pair[0]), 0).unwrap();
        if !agrees(&decision, &pair[1]) {
            wrong
                .push(format!("{rules}{}\n  recorded: {}\n  ours: {decision:?}", pair[0], pair[1]));
        }
    }
    decisions.len()
}

fn compare_all(lines: &str) -> usize {
    let mut wrong = Vec::new();
    let count = lines.lines().map(|line| compare(line, &mut wrong)).sum();
    let first: Vec<&str> = wrong.iter().take(3).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), first.join("\n"));
    count
}

#[test]
fn decides_like_refinery() {
    let mut count = 0;
    for file in std::fs::read_dir(FIXTURES).unwrap() {
        count += compare_all(&std::fs::read_to_string(file.unwrap().path()).unwrap());
    }
    assert!(count >= 1400, "{count}");
}

#[test]
fn decides_like_refinery_in_every_recording() {
    let Ok(recordings) = std::fs::read_to_string(RECORDINGS) else {
        println!("skipped: there are no recordings beside this crate");
        return;
    };
    assert!(compare_all(&recordings) >= 18_900);
}
