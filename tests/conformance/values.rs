//! Compares the parsers of single values with recordings of Refinery's.
//!
//! The recordings are outside of the repository, in `../shared`; without them this test is skipped.

use refinery_preflight::internals::value::{
    Duration, MemorySize, float_text::format_float, host_port::split_host_port, number,
    parse_float, url::parse_url,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/conformance/values.jsonl");

/// The kinds of values, with the minimum number of recordings.
const KINDS: [(&str, usize); 8] = [
    ("duration", 1000),
    ("float", 250),
    ("atoi", 100),
    ("bool", 20),
    ("hostport", 250),
    ("url", 500),
    ("memorysize", 400),
    ("formatfloat", 20),
];

/// The result of our parser, in the format of the recordings; `None` if it rejects the text.
fn answer(kind: &str, text: &str) -> Option<Value> {
    match kind {
        "duration" => Duration::parse(text)
            .ok()
            .map(|d| json!({ "ns": d.0, "ms": d.milliseconds(), "text": d.to_string() })),
        "float" => parse_float(text).ok().map(|f| json!({ "v": format_float(f) })),
        "atoi" => number::atoi(text).ok().map(|n| json!({ "v": n.to_string() })),
        "bool" => number::parse_bool(text).ok().map(|b| json!({ "v": b.to_string() })),
        "hostport" => {
            split_host_port(text).ok().map(|(host, port)| json!({ "host": host, "port": port }))
        }
        "url" => parse_url(text)
            .ok()
            .map(|url| json!({ "scheme": url.scheme, "host": url.host, "path": url.path })),
        "memorysize" => MemorySize::parse(text).ok().map(|m| json!({ "v": m.to_string() })),
        "formatfloat" => text.parse().ok().map(|f| json!({ "v": format_float(f) })),
        _ => panic!("{kind} is not checked here"),
    }
}

/// The recorded result: all keys except those that describe the case.
fn expectation(mut line: Value) -> Option<Value> {
    let accepted = line["ok"] == json!(true);
    if let Some(keys) = line.as_object_mut() {
        keys.retain(|name, _| !["in", "kind", "ok"].contains(&name.as_str()));
    }
    accepted.then_some(line)
}

#[test]
fn values_are_read_as_recorded() {
    let Ok(recordings) = std::fs::read_to_string(RECORDINGS) else {
        println!("skipped: there are no recordings beside this crate");
        return;
    };
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut disagreements = Vec::new();
    for line in recordings.lines() {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        let Some((kind, _)) = KINDS.iter().find(|(kind, _)| line["kind"] == *kind) else {
            continue;
        };
        let text = line["in"].as_str().expect("the value is a text").to_owned();
        *seen.entry(kind).or_default() += 1;
        let (ours, theirs) = (answer(kind, &text), expectation(line));
        if ours != theirs {
            disagreements.push(format!("{kind} {text:?}: ours {ours:?}, recorded {theirs:?}"));
        }
    }
    for disagreement in disagreements.iter().take(20) {
        println!("{disagreement}");
    }
    assert!(disagreements.is_empty(), "{} values are read differently", disagreements.len());
    for (kind, minimum) in KINDS {
        let count = seen.get(kind).copied().unwrap_or(0);
        assert!(count >= minimum, "only {count} lines of kind {kind}");
    }
}
