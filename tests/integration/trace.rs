//! The `trace` command: its lines, errors and exit statuses.
//!
//! Repeats all recorded decisions through the command line; those next to the crate, in
//! `../shared`, are skipped if a clone has none.

use crate::program::{Folder, RULES, Ran};
use serde_json::{Map, Value as Json, json};

const RECORDINGS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/conformance/decisions.jsonl");
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/decisions");

const TRACE: &str = r#"{"id":"t","spans":[{"root":true,"fields":{"a":5,"b":5.0,"c":"x"}}]}"#;

const SOME_RULES: &str = "RulesVersion: 2
Samplers:
  __default__:
    DeterministicSampler:
      SampleRate: 1
  prod:
    RulesBasedSampler:
      Rules:
        - Name: errors
          SampleRate: 1
          Conditions:
            - Field: error
              Operator: exists
        - Name: five
          SampleRate: 10
          Conditions:
            - Field: a
              Operator: '='
              Value: 5
  empty: {}
";

fn run(rules: &str, traces: &str, arguments: &[&str]) -> Ran {
    let folder = Folder::new(&[("rules.yaml", rules), ("traces.jsonl", traces)]);
    folder.run(&[&["trace", "traces.jsonl", "-r", "rules.yaml"], arguments].concat())
}

fn json_of(rules: &str, traces: &str, target: &str) -> Ran {
    run(rules, traces, &["--target", target, "--output-format", "json"])
}

#[test]
fn prints_a_line_for_each_trace() {
    let ran = json_of(SOME_RULES, &format!("{TRACE}\n\n{TRACE}"), "prod");
    let line = r#"{"id":"t","target":"prod","rule":"five","reason":"rules/trace/five","rate":10,"key":"","keep":"chance"}"#;
    assert_eq!((ran.output.as_str(), ran.status), (&*format!("{line}\n{line}\n"), 0));
}

#[test]
fn without_a_target_the_default_decides() {
    let line = r#"{"id":"t","target":"__default__","rule":null,"reason":"deterministic/always","rate":1,"key":"","keep":true}"#;
    let ran = run(SOME_RULES, TRACE, &["--output-format", "json"]);
    assert_eq!((ran.output, ran.status), (format!("{line}\n"), 0));
}

#[test]
fn an_unknown_target_is_an_error_with_the_nearest_name() {
    for (target, help) in [("prd", "did you mean `prod`?"), ("elsewhere", "omit `--target`")] {
        let ran = run(SOME_RULES, TRACE, &["--target", target]);
        assert_eq!((ran.output.as_str(), ran.status), ("", 2), "{target}");
        assert!(ran.errors.contains(&format!("no target `{target}`")), "{}", ran.errors);
        assert!(ran.errors.contains(help), "{}", ran.errors);
    }
}

#[test]
fn batches_of_events_are_grouped_and_their_numbers_are_floats() {
    let event = |id: &str, fields: &str| {
        format!(r#"{{"time":"2026-01-01T00:00:00Z","data":{{"trace.trace_id":"{id}"{fields}}}}}"#)
    };
    let batch = format!("[{},{}]", event("x", ",\"a\":5"), event("y", ""));
    let more = format!("[{}]", event("y", ",\"trace.parent_id\":\"p\",\"error\":true"));
    let pretty = serde_json::from_str::<Json>(&batch).unwrap();
    for text in [format!("{batch}\n{more}\n"), format!("{pretty:#}")] {
        let ran = json_of(SOME_RULES, &text, "prod");
        let lines: Vec<Json> =
            ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ids: Vec<_> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
        assert_eq!((ids, ran.status), (vec!["x", "y"], 0), "{}", ran.errors);
        assert_eq!(lines[0]["rule"], "five");
        assert_eq!(lines[1]["rule"] == "errors", text.contains("error"));
    }
    let ran = json_of(SOME_RULES, &format!("{batch}\n[{{\"x\":1}}]\n"), "prod");
    assert_eq!(ran.status, 2);
    assert!(ran.errors.contains("line 2: "), "{}", ran.errors);
}

#[test]
fn numbers_have_the_types_of_the_route() {
    const RULES: &str = "RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: listed
          SampleRate: 1
          Conditions: [{Field: n, Operator: in, Value: [1234567]}]
        - Name: large
          SampleRate: 1
          Conditions: [{Field: n, Operator: \">=\", Value: 500}]
";
    let trace = r#"{"id":"t","spans":[{"root":true,"fields":{"n":1234567}}]}"#;
    for (route, rule) in [("otlp", "listed"), ("json", "large"), ("msgpack", "listed")] {
        let ran = run(RULES, trace, &["--route", route, "--output-format", "json"]);
        assert!(ran.output.contains(&format!("\"rule\":\"{rule}\"")), "{route}: {}", ran.output);
    }
    let other = trace.replace("1234567", "1234568");
    let ran = run(RULES, &other, &["--route", "msgpack", "--output-format", "json"]);
    assert!(ran.output.contains("\"rule\":null"), "{}", ran.output);
}

#[test]
fn decides_more_traces_than_one_file_may_have() {
    let folder = Folder::new(&[("rules.yaml", SOME_RULES)]);
    let filler = "x".repeat(1 << 16);
    let line = TRACE.replace("\"x\"", &format!("\"{filler}\""));
    folder.write("traces.jsonl", format!("{line}\n").repeat(300).as_bytes());
    let ran = folder.run(&["trace", "traces.jsonl", "-r", "rules.yaml", "--output-format", "json"]);
    assert_eq!((ran.output.lines().count(), ran.status), (300, 0), "{}", ran.errors);
}

#[test]
fn the_human_report_explains_the_decision() {
    let expected = "t: 1 in 10 is kept
  target   prod
  not      `errors`: no span has `error exists`
  rule     `five`
  rate     10
  reason   rules/trace/five
";
    let ran = run(SOME_RULES, TRACE, &["--target", "prod"]);
    assert_eq!((ran.output.as_str(), ran.status), (expected, 0));
}

#[test]
fn paragraphs_are_separated_by_one_blank_line() {
    const TRACES: usize = 2000;
    let ran = run(SOME_RULES, &format!("{TRACE}\n").repeat(TRACES), &[]);
    let paragraphs: Vec<&str> = ran.output.split("\n\n").collect();
    assert_eq!(paragraphs.len(), TRACES);
    assert!(
        paragraphs.iter().all(|paragraph| paragraph.starts_with("t: kept\n")),
        "{}",
        ran.output
    );
}

#[test]
fn reports_a_trace_that_crashes() {
    let ran = json_of(SOME_RULES, &format!("{TRACE}\n{TRACE}"), "empty");
    let line = r#"{"id":"t","target":"empty","error":"the target has no sampler","exit_status":1}"#;
    assert_eq!((ran.output.as_str(), ran.status), (&*format!("{line}\n{line}\n"), 1));
}

#[test]
fn reports_the_position_of_invalid_lines() {
    for (line, place) in [
        ("{\"id\":", "line 2, column 6"),
        (r#"{"id":"t","spans":[5]}"#, "line 2, column 20: a span must be an object"),
        (r#"{"id":"t"}"#, "line 2, column 1: missing `spans`"),
    ] {
        let ran = json_of(SOME_RULES, &format!("{TRACE}\n{line}\n"), "prod");
        // The traces before it are decided.
        assert_eq!((ran.output.lines().count(), ran.status), (1, 2), "{line}");
        assert!(ran.errors.contains(place), "{line}: {}", ran.errors);
    }
}

#[test]
fn unreadable_input_is_a_usage_error() {
    assert_eq!(run(SOME_RULES, "\n", &[]).status, 2);
    assert_eq!(run(SOME_RULES, TRACE, &["--interval", "soon"]).status, 2);
    let folder = Folder::new(&[("rules.yaml", RULES)]);
    assert_eq!(folder.run(&["trace", "nowhere.jsonl", "-r", "rules.yaml"]).status, 2);
    assert_eq!(folder.run(&["trace"]).status, 2);
}

#[test]
fn invalid_rules_decide_nothing() {
    let ran = run("RulesVersion: 2\nSamplers: 5\n", TRACE, &[]);
    assert_eq!((ran.output.as_str(), ran.status), ("", 1));
    assert!(ran.errors.contains("does not start"), "{}", ran.errors);
}

#[test]
fn reads_standard_input() {
    let folder = Folder::new(&[("rules.yaml", SOME_RULES)]);
    let mut command = folder.command(&["trace", "-", "-r", "rules.yaml", "--target", "prod"]);
    command.write_stdin(TRACE);
    assert!(Ran::of(command).output.starts_with("t: 1 in 10 is kept\n"));
}

const SECONDS: &str = "RulesVersion: 2
Samplers:
  __default__:
    TotalThroughputSampler:
      GoalThroughputPerSec: 1
      ClearFrequency: 1s
      FieldList: [a]
";

#[test]
fn advances_time_by_the_interval() {
    let traces = [TRACE; 8].join("\n");
    let rates = |arguments: &[&str]| {
        let ran = run(SECONDS, &traces, &[arguments, &["--output-format", "json"]].concat());
        let lines = ran.output.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        lines.map(|line| line["rate"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(rates(&[]), [1; 8]);
    assert_eq!(rates(&["--interval", "250ms"]).last(), Some(&4));
}

#[test]
fn exports_pass_through_ingest() {
    let export = json!({"resourceSpans": [{
        "resource": {"attributes": [{"key": "a", "value": {"intValue": "5"}}]},
        "scopeSpans": [{"spans": [{
            "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "00f067aa0ba902b7", "name": "x",
        }]}],
    }]});
    let pretty = serde_json::to_string_pretty(&export).unwrap();
    for text in [pretty, format!("{export}\n{export}")] {
        let ran = json_of(SOME_RULES, &text, "prod");
        let line: Json = serde_json::from_str(&ran.output).unwrap();
        assert_eq!(line["id"], "0af7651916cd43dd8448eb211c80319c");
        assert_eq!((&line["rule"], ran.status), (&json!("five"), 0));
    }
}

#[test]
fn uses_the_id_fields_of_the_config() {
    let config = "General: {ConfigurationVersion: 2}\nIDFields: {TraceNames: [tid]}\n";
    let export = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"x","attributes":[{"key":"tid","value":{"stringValue":"one"}}]}]}]}]}"#;
    let folder =
        Folder::new(&[("c.yaml", config), ("r.yaml", SOME_RULES), ("export.json", export)]);
    let ran = folder.run(&["trace", "export.json", "-c", "c.yaml", "-r", "r.yaml"]);
    assert!(ran.output.starts_with("one: kept\n"), "{ran:?}");
    let ran = folder.run(&["trace", "export.json", "-r", "r.yaml"]);
    assert_eq!(ran.status, 2, "{ran:?}");
}

/// Events of one trace, each with its second, and `trace.parent_id` unless it is the root span.
fn timed(events: &[(u32, &str, bool)]) -> String {
    let events = events.iter().map(|(second, fields, is_root)| {
        let parent = if *is_root { "" } else { r#","trace.parent_id":"p""# };
        format!(
            r#"{{"time":"2026-03-01T00:00:{second:02}Z","data":{{"trace.trace_id":"t"{parent},{fields}}}}}"#
        )
    });
    format!("[{}]", events.collect::<Vec<_>>().join(","))
}

#[test]
fn late_spans_do_not_decide() {
    let config = "General: {ConfigurationVersion: 2}\nTraces: {TraceTimeout: 20s, SendDelay: 3s}\n";
    let rules = "RulesVersion: 2\nSamplers:\n  __default__:\n    RulesBasedSampler:\n      Rules:\n        \
                 - {Name: bad, SampleRate: 1, Conditions: [{Field: bad, Operator: exists}]}\n        \
                 - {Name: rootless, SampleRate: 3, Conditions: [{Operator: has-root-span, Value: false}]}\n        \
                 - {Name: rest, SampleRate: 5}\n";
    let (root, bad) = (r#""x":1"#, r#""bad":true"#);
    for (events, rule, late) in [
        (vec![(0, "\"x\":2", false), (10, root, true), (12, bad, false)], "bad", None),
        (vec![(0, "\"x\":2", false), (10, root, true), (14, bad, false)], "rest", Some(1)),
        // The root span comes after the timeout, and the order in the file does not matter.
        (vec![(25, root, true), (30, bad, false), (0, "\"x\":2", false)], "rootless", Some(2)),
    ] {
        let traces = timed(&events);
        let files = [("c.yaml", config), ("r.yaml", rules), ("t.json", traces.as_str())];
        let folder = Folder::new(&files);
        let command = ["trace", "t.json", "-c", "c.yaml", "-r", "r.yaml"];
        let ran = folder.run(&[&command[..], &["--output-format", "json"]].concat());
        let line: Json = serde_json::from_str(&ran.output).expect(&ran.errors);
        assert_eq!(line["rule"], rule, "{traces}");
        assert_eq!(line["late_spans"].as_u64(), late, "{traces}");
        let said = folder.run(&command).output.contains("arrive");
        assert_eq!(said, late.is_some(), "{traces}");
    }
}

#[test]
fn an_export_that_refinery_rejects_is_invalid_input() {
    let export = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":5}]}]}]}"#;
    let ran = json_of(SOME_RULES, export, "prod");
    let place = "resourceSpans[0]: scopeSpans[0]: spans[0]: startTimeUnixNano: a time must be";
    assert_eq!(ran.status, 2);
    assert!(ran.errors.contains(place), "{}", ran.errors);
}

/// A recorded trace as input of the command; null if no line can represent it.
fn written(trace: &Json) -> Json {
    let spans = trace["spans"].as_array().unwrap().iter().map(|span| {
        let fields = span["fields"].as_object().unwrap().iter();
        let fields: Map<_, _> = fields.map(|(name, v)| (name.clone(), untyped(v))).collect();
        json!({"root": span["root"] == true, "fields": fields})
    });
    json!({"id": trace["id"], "spans": spans.collect::<Vec<_>>()})
}

fn untyped(value: &Json) -> Json {
    match value.as_object().unwrap().iter().next() {
        None => Json::Null,
        Some((kind, value)) if kind == "map" => floats(value),
        Some((_, value)) => value.clone(),
    }
}

/// Inside a mapping all numbers were floats.
fn floats(value: &Json) -> Json {
    match value {
        Json::Number(n) => json!(n.as_f64().unwrap()),
        Json::Array(items) => items.iter().map(floats).collect(),
        Json::Object(map) => map.iter().map(|(name, v)| (name.clone(), floats(v))).collect(),
        other => other.clone(),
    }
}

/// Compares a recording and returns the number of decisions.
fn compare(line: &str) -> usize {
    let case: Json = serde_json::from_str(line).unwrap();
    let decisions = case["decisions"].as_array().unwrap();
    let traces: Vec<_> = decisions.iter().map(|pair| written(&pair[0]).to_string()).collect();
    let target = case["target"].as_str().unwrap();
    let ran = json_of(case["rules"].as_str().unwrap(), &traces.join("\n"), target);
    assert_eq!(ran.status, 0, "{}{}", case["rules"].as_str().unwrap(), ran.errors);
    let lines: Vec<Json> =
        ran.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), decisions.len());
    for (said, pair) in lines.iter().zip(decisions) {
        for key in ["rate", "reason", "key"] {
            assert_eq!(said[key], pair[1][key], "{}{}", case["rules"], pair[0]);
        }
        assert_eq!((&said["id"], &said["target"]), (&pair[0]["id"], &case["target"]));
        // Whether a trace was dropped was recorded even if its rate leaves it to chance.
        if let Some(keep) = pair[1].get("keep") {
            assert_eq!(&said["keep"], keep, "{}{}", case["rules"], pair[0]);
        }
    }
    decisions.len()
}

#[test]
fn decides_like_refinery() {
    let recorded = std::fs::read_to_string(format!("{FIXTURES}/engine-v3.2.2.jsonl")).unwrap();
    assert!(recorded.lines().map(compare).sum::<usize>() >= 500);
}

#[test]
fn decides_like_refinery_in_every_recording() {
    let Ok(recordings) = std::fs::read_to_string(RECORDINGS) else {
        println!("skipped: there are no recordings beside this crate");
        return;
    };
    assert!(recordings.lines().map(compare).sum::<usize>() >= 18_900);
}

/// A field of a protobuf message.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("less than 128 bytes");
    assert!(length < 128);
    [&[number << 3 | 2, length], content].concat()
}

/// An OTLP message with one span, whose attribute `a` is 5.
fn message(trace: u8) -> Vec<u8> {
    let value = [&[1 << 3 | 2, 1][..], b"a", &[2 << 3 | 2, 2, 3 << 3, 5]].concat();
    let [trace, span] = [[trace; 16], [7; 16]];
    let time = |number: u8| [&[number << 3 | 1][..], &1_700_000_000_u64.to_le_bytes()].concat();
    let parts = [field(1, &trace), field(2, &span[..8]), time(7), time(8), field(9, &value)];
    field(1, &field(2, &field(2, &parts.concat())))
}

fn run_on(traces: &[u8]) -> Ran {
    let folder = Folder::new(&[("rules.yaml", SOME_RULES)]);
    folder.write("traces", traces);
    folder.run(&[
        "trace",
        "traces",
        "-r",
        "rules.yaml",
        "--target",
        "prod",
        "--output-format",
        "json",
    ])
}

fn with_size(message: &[u8]) -> Vec<u8> {
    [&u32::try_from(message.len()).expect("a small message").to_be_bytes(), message].concat()
}

#[test]
fn protobuf_messages_are_exports() {
    let line = |trace: u8| {
        let id = format!("{trace:02x}").repeat(16);
        format!(
            r#"{{"id":"{id}","target":"prod","rule":"five","reason":"rules/trace/five","rate":10,"key":"","keep":"chance"}}"#
        ) + "\n"
    };
    let alone = run_on(&message(1));
    assert_eq!((alone.output.as_str(), alone.status), (&*line(1), 0), "{}", alone.errors);
    // As the Collector's file exporter writes them.
    let sized = [with_size(&message(1)), with_size(&message(2)), with_size(&message(1))].concat();
    assert_eq!(run_on(&sized).output, line(1) + &line(2));
    // With `compression: zstd`, it compresses each message on its own, also one in JSON.
    let zstd = |message: &[u8]| {
        ruzstd::encoding::compress_to_vec(message, ruzstd::encoding::CompressionLevel::Fastest)
    };
    let id = "03".repeat(16);
    let json = format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"{id}","spanId":"0707070707070707","attributes":[{{"key":"a","value":{{"intValue":"5"}}}}]}}]}}]}}]}}"#
    );
    let each = [&zstd(&message(1))[..], &zstd(json.as_bytes()), json.as_bytes()];
    let each = each.map(with_size).concat();
    let ran = run_on(&each);
    assert_eq!((ran.output, ran.status), (line(1) + &line(3), 0), "{}", ran.errors);
    let cut = run_on(&with_size(&zstd(&message(1))[..20]));
    assert_eq!(cut.status, 2);
    assert!(cut.errors.contains("message 1: invalid zstd data"), "{}", cut.errors);
}

#[test]
fn bad_protobuf_messages_are_errors() {
    let whole = with_size(&message(1));
    let second = [&whole[..], &whole[..whole.len() - 1]].concat();
    let mut corrupt = whole.clone();
    let last = corrupt.len() - 4;
    corrupt[last] = 0x7f;
    let mut large = whole.clone();
    large[0] = 9;
    for (bytes, said) in [
        (second, "message 2 is truncated"),
        (message(1)[..30].to_vec(), "message 1: "),
        (corrupt, "message 1: "),
        (large, "more than 64 MiB in one message"),
    ] {
        let ran = run_on(&bytes);
        assert_eq!((ran.status, ran.output.as_str()), (2, ""), "{}", ran.errors);
        assert!(ran.errors.contains(said), "{said}: {}", ran.errors);
    }
}

#[test]
fn compressed_traces_are_read() {
    use std::io::Write;
    let lines = format!("{TRACE}\n").repeat(50_000);
    let plain = run_on(lines.as_bytes());
    assert_eq!((plain.status, plain.output.lines().count()), (0, 50_000));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(lines.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let zstd = ruzstd::encoding::compress_to_vec(lines.as_bytes(), level);
    for compressed in [&gzip, &zstd] {
        assert_eq!(run_on(compressed).output, plain.output);
    }
    let cut = run_on(&gzip[..gzip.len() - 9]);
    assert_eq!(cut.status, 2);
    assert!(cut.errors.contains("the gzip data is truncated"), "{}", cut.errors);
}
