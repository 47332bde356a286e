//! Compares sampling in whole processes with recordings: which samplers share their counts, which
//! settings the first of them determines, and how peers divide a goal.
//!
//! Each line in `fixtures/processes` is a rules file with the targets `p` and `q`, the time when both
//! were created, and steps. A step is either a time and the number of peers from then on, or a target,
//! a time, the fields of each span, the number of spans, and the rate, reason and key of v3.2.2.

use crate::rules::load;
use refinery_preflight::internals::engine::{Fields, Process, Sampler, Trace, Value};
use refinery_preflight::internals::syntax::DataFormat;
use serde_json::Value as Json;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/processes");

fn trace(fields: &Json, spans: u64) -> Trace {
    let fields = fields.as_object().unwrap().iter();
    let fields = Fields::new(fields.map(|(n, v)| (n.clone(), Value::Int(v.as_i64().unwrap()))));
    let mut trace = Trace::new("t");
    (0..spans).for_each(|_| trace.push(fields.clone()));
    trace
}

/// Runs a step; returns whether it was a sampling decision.
fn take(step: &Json, process: &mut Process, samplers: &[(&str, Sampler)], rules: &str) -> bool {
    if step[0] == "peers" {
        process.set_peers(step[2].as_i64().unwrap(), step[1].as_i64().unwrap());
        return false;
    }
    let (_, sampler) = samplers.iter().find(|(name, _)| step[0] == *name).unwrap();
    let trace = trace(&step[2], step[3].as_u64().unwrap());
    let decision = process.decide(sampler, &trace, step[1].as_i64().unwrap()).unwrap();
    assert_eq!(Some(decision.rate), step[4].as_u64(), "{step} of\n{rules}");
    assert_eq!(Some(decision.reason), step[5].as_str(), "{step} of\n{rules}");
    assert_eq!(Some(decision.key.as_str()), step[6].as_str(), "{step} of\n{rules}");
    true
}

fn replay(line: &str) -> usize {
    let case: Json = serde_json::from_str(line).unwrap();
    let (rules, start) = (case["rules"].as_str().unwrap(), case["start"].as_i64().unwrap());
    let mut process = Process::new();
    let samplers = ["p", "q"].map(|name| {
        (name, process.build(name, &load(DataFormat::Yaml, rules, name), start).unwrap())
    });
    let steps = case["steps"].as_array().unwrap().iter();
    steps.filter(|step| take(step, &mut process, &samplers, rules)).count()
}

#[test]
fn samplers_share_state_as_recorded() {
    let mut decisions = 0;
    for file in std::fs::read_dir(FIXTURES).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        decisions += text.lines().map(replay).sum::<usize>();
    }
    assert!(decisions >= 1500, "{decisions}");
}
