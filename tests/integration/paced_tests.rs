//! The `test` command: recorded traces through dynamic samplers over time, with `every` and `during`.

use crate::program::{Folder, Ran};

/// Ten traces a second are kept, counted every second.
const RULES: &str = "RulesVersion: 2
Samplers:
  __default__:
    DeterministicSampler:
      SampleRate: 1
  shop:
    RulesBasedSampler:
      Rules:
        - Name: errors
          SampleRate: 1
          Conditions: [{Field: error, Operator: exists}]
        - Name: rest
          Sampler:
            TotalThroughputSampler:
              GoalThroughputPerSec: 10
              ClearFrequency: 1s
              FieldList: [route]
";

/// This many traces of three kinds, one after another.
fn recording(count: usize) -> String {
    let kinds = [r#"{"route":"a"}"#, r#"{"route":"b"}"#, r#"{"error":true}"#];
    let line = |number: usize| {
        let fields = kinds[number % kinds.len()];
        format!("{{\"id\":\"t{number}\",\"spans\":[{{\"root\":true,\"fields\":{fields}}}]}}\n")
    };
    (0..count).map(line).collect()
}

/// Runs a test of a recording with these keys.
fn run(count: usize, keys: &str) -> Ran {
    let text = format!("target: shop\ntests:\n- name: x\n  traces: r.jsonl\n{keys}");
    let recording = recording(count);
    let files = [("rules.yaml", RULES), ("a.preflight.yaml", &text), ("r.jsonl", &recording)];
    Folder::new(&files).run(&["test", "--output-format", "short"])
}

/// `18.33 % of 600 traces`: how many are kept.
fn kept(count: usize, keys: &str) -> String {
    let ran = run(count, &format!("{keys}  expect: {{kept: 0%..0%}}\n"));
    assert_eq!(ran.status, 1, "{ran:?}");
    let (_, rest) = ran.output.split_once("`x`: ").expect("a failure");
    rest.split_once(" are kept").expect("a share").0.to_owned()
}

#[test]
fn a_repeated_recording_is_decided_like_a_long_one() {
    let long = kept(600, "  every: 20ms\n");
    for count in [3, 30, 300, 600, 900] {
        assert_eq!(kept(count, "  every: 20ms\n  during: 12s\n"), long, "{count}");
    }
    assert!(long.ends_with(" of 600 traces"), "{long}");
    // Without time nothing is counted out, so all are kept.
    assert_eq!(kept(600, ""), "100.00 % of 600 traces");
}

#[test]
fn the_share_depends_on_the_time() {
    let percent = |keys: &str| -> f64 { kept(3, keys).split_once(' ').unwrap().0.parse().unwrap() };
    // Of 50 traces a second, 17 are errors, and 10 of the others are kept; of 5 a second, all.
    let busy = percent("  every: 20ms\n  during: 60s\n");
    let idle = percent("  every: 200ms\n  during: 60s\n");
    assert!((52.0..58.0).contains(&busy) && idle > 99.0, "{busy} {idle}");
    let [good, bad] = ["52%..58%", "5%..12%"].map(|range| {
        let keys = format!("  every: 20ms\n  during: 1m\n  expect: {{kept: {range}}}\n");
        run(3, &keys)
    });
    assert_eq!(good.status, 0, "{good:?}");
    assert_eq!(bad.status, 1, "{bad:?}");
    assert!(bad.output.contains("more than 12 %"), "{bad:?}");
}

#[test]
fn a_partial_interval_has_a_trace() {
    for (during, count) in [("1s", 10), ("1001ms", 11), ("1ms", 1), ("100ms", 1), ("101ms", 2)] {
        let share = kept(3, &format!("  every: 100ms\n  during: {during}\n"));
        assert!(share.ends_with(&format!(" of {count} traces")), "{during}: {share}");
    }
}

#[test]
fn every_repeated_trace_is_expected_to_be_decided_so() {
    let ran = run(3, "  every: 20ms\n  during: 10s\n  expect: {rule: rest}\n");
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.output.contains("(166 of 500 traces are not as expected)"), "{ran:?}");
}
