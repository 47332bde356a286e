//! Dynamic samplers step by step, against what the engine's own said with the same clock.
//!
//! In `fixtures/dynsamplers` each line is one sampler with its settings, when it started, and its
//! steps: nanoseconds since then, a key, how many events, and the rate that dynsampler-go v0.6.4
//! answered. A step without a key sets the goal of events per second.

use crate::rules::load;
use refinery_preflight::internals::engine::dynamic::Dynamic;
use refinery_preflight::internals::engine::spec::{SamplerSpec, Target};
use refinery_preflight::internals::syntax::DataFormat;
use serde_json::{Value as Json, json};
use std::path::Path;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/dynsamplers");

fn spec(sampler: &Json) -> SamplerSpec {
    let rules = json!({ "RulesVersion": 2, "Samplers": { "t": sampler } }).to_string();
    match load(DataFormat::Json, &rules, "t") {
        Target::Single(spec) => spec,
        other => panic!("{other:?} is not a dynamic sampler"),
    }
}

/// Replays one line; says how many rates were equal.
fn replay(line: &str) -> usize {
    let case: Json = serde_json::from_str(line).unwrap();
    let start = case["start"].as_i64().unwrap();
    let mut sampler = Dynamic::start(&spec(&case["sampler"]), start).unwrap().unwrap();
    let mut equal = 0;
    for (number, step) in case["steps"].as_array().unwrap().iter().enumerate() {
        let (now, amount) = (start + step[0].as_i64().unwrap(), step[2].as_i64().unwrap());
        let Some(key) = step[1].as_str() else {
            sampler.set_goal(amount, now);
            continue;
        };
        let rate = sampler.rate(key, amount, now).unwrap();
        assert_eq!(Some(rate), step[3].as_i64(), "step {number} of {}", case["sampler"]);
        equal += 1;
    }
    equal
}

fn replay_file(path: &Path) -> usize {
    std::fs::read_to_string(path).unwrap().lines().map(replay).sum()
}

#[test]
fn rates_are_the_engines_at_every_step() {
    let mut samplers = 0;
    for file in std::fs::read_dir(FIXTURES).unwrap() {
        let path = file.unwrap().path();
        let equal = replay_file(&path);
        assert!(equal >= 1000, "{equal} in {}", path.display());
        samplers += 1;
    }
    assert_eq!(samplers, 5);
}
