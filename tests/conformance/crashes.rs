//! Compares crashes with those of Refinery.
//!
//! Each line of `fixtures/crashes` is a rules file with the target `t`, and the exit status of
//! v3.2.2 after three traces of one root span, 20 ms apart; 0 if it kept running.

use crate::rules::load;
use refinery_preflight::internals::engine::{Crash, Fields, Process, Trace, Value};
use refinery_preflight::internals::syntax::DataFormat;
use serde_json::Value as Json;
use std::collections::BTreeMap;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/crashes");

/// The crash of a process after three traces, if any.
fn run(rules: &str) -> Result<(), Crash> {
    let mut process = Process::new();
    let sampler = process.build("t", &load(DataFormat::Yaml, rules, "t"), 0)?;
    for n in 0..3_i64 {
        let mut trace = Trace::new(n.to_string());
        trace.push_root(Fields::new([("a".to_owned(), Value::Int(1))]));
        process.decide(&sampler, &trace, n * 20_000_000)?;
    }
    Ok(())
}

#[test]
fn crashes_where_refinery_crashed() {
    let mut ends: BTreeMap<u64, usize> = BTreeMap::new();
    for file in std::fs::read_dir(FIXTURES).unwrap() {
        for line in std::fs::read_to_string(file.unwrap().path()).unwrap().lines() {
            let case: Json = serde_json::from_str(line).unwrap();
            let (rules, status) =
                (case["rules"].as_str().unwrap(), case["status"].as_u64().unwrap());
            let end = run(rules);
            let ours = end.map_or_else(|crash| u64::from(crash.exit_status()), |()| 0);
            assert_eq!(ours, status, "{end:?} of\n{rules}");
            *ends.entry(status).or_default() += 1;
        }
    }
    assert!([0, 1, 2].iter().all(|status| ends[status] >= 4), "{ends:?}");
}
