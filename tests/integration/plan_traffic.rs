//! The `plan` command with recorded traffic: decisions, limits, and the budget.

use crate::plan_files::{
    ERRORS, HEALTH, RECORDED, REST, old_rules, plan_files, plan_json, rules, shop,
};
use crate::program::CONFIG;
use crate::repository::Repository;
use serde_json::{Value as Json, json};

/// `traces` and `events`, kept before and after, flips.
fn counts(flow: &Json) -> String {
    let kept = |what: &str| {
        let [old, new] = ["old", "new"].map(|side| flow[what][side].as_f64().unwrap());
        format!("{old:.2} → {new:.2}")
    };
    let [lost, gained] = ["lost", "gained"].map(|what| flow[what].as_f64().unwrap());
    let (traces, events) = (&flow["traces"], &flow["events"]);
    let (kept_traces, kept_events) = (kept("kept_traces"), kept("kept_events"));
    format!("{traces}/{events} {kept_traces}, {kept_events}, -{lost:.2} +{gained:.2}")
}

#[test]
fn traffic_is_decided_before_and_after() {
    let new = rules(&[HEALTH, ERRORS, ("rest", "", "SampleRate: 10")]);
    let files = [("t.jsonl", RECORDED)];
    let plan = plan_json(&old_rules(), &new, &files, &["--traffic", "shop=t.jsonl"]);
    let traffic = &shop(&plan)["traffic"];
    assert_eq!(counts(&traffic["all"]), "3/6 1.02 → 0.10, 2.06 → 0.30, -1.00 +0.08");
    let by_rules: Vec<String> = traffic["by_rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flow| format!("{} {} {}", flow["old"]["name"], flow["new"]["name"], counts(flow)))
        .collect();
    assert_eq!(
        by_rules,
        [
            "\"errors\" \"health\" 1/2 1.00 → 0.00, 2.00 → 0.00, -1.00 +0.00",
            "\"health\" \"health\" 1/1 0.00 → 0.00, 0.00 → 0.00, -0.00 +0.00",
            "\"rest\" \"rest\" 1/3 0.02 → 0.10, 0.06 → 0.30, -0.00 +0.08",
        ]
    );
    assert_eq!(traffic["seconds"], 43_200.0);
    let per_day = &traffic["events_per_day"];
    assert_eq!(per_day["old"].as_f64().map(|n| format!("{n:.2}")), Some("4.12".to_owned()));
    let ran = plan_files(&old_rules(), &new, &files, &["--traffic", "shop=t.jsonl"]);
    for line in [
        "    kept 34.0% → 3.3% of 3 traces (2.1 → 0.3 of 6 events)\n",
        "    flips: 36.0% of the traces (1 kept → dropped, <0.1 dropped → kept)\n",
        "    events kept per day: 4.1 → 0.6\n",
        "    `errors` (kept) → `health` (dropped): 1 kept → dropped, 0 dropped → kept\n",
    ] {
        assert!(ran.output.contains(line), "{line}{}", ran.output);
    }
}

#[test]
fn several_files_are_one_recording() {
    let lines: Vec<&str> = RECORDED.lines().collect();
    let files = [("1.jsonl", lines[0]), ("2.jsonl", lines[1]), ("3.jsonl", lines[2])];
    let new = rules(&[HEALTH, ERRORS, REST]);
    let args =
        ["--traffic", "shop=1.jsonl", "--traffic", "shop=2.jsonl", "--traffic", "shop=3.jsonl"];
    let parts = plan_json(&old_rules(), &new, &files, &args);
    let whole =
        plan_json(&old_rules(), &new, &[("t.jsonl", RECORDED)], &["--traffic", "shop=t.jsonl"]);
    assert_eq!(shop(&parts)["traffic"], shop(&whole)["traffic"]);
}

/// The traces of [`RECORDED`] as an OTLP export and as batches, with their times.
fn exports() -> [String; 2] {
    let traces: Vec<Json> =
        RECORDED.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (mut spans, mut events) = (Vec::new(), Vec::new());
    for (number, trace) in traces.iter().enumerate() {
        let id = format!("{:032x}", number + 1);
        let end = 1_772_323_200_000_000_000_u64 + number as u64 * 21_600_000_000_000;
        for (place, span) in trace["spans"].as_array().unwrap().iter().enumerate() {
            let parent = if span["root"] == true { "" } else { "00000000000000aa" };
            let attributes: Vec<Json> = span["fields"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(key, value)| match value {
                    Json::String(text) => json!({"key": key, "value": {"stringValue": text}}),
                    other => json!({"key": key, "value": {"intValue": other.to_string()}}),
                })
                .collect();
            spans.push(json!({
                "traceId": id, "spanId": format!("{:016x}", place + 170), "parentSpanId": parent,
                "startTimeUnixNano": end.to_string(), "endTimeUnixNano": end.to_string(),
                "attributes": attributes,
            }));
            let mut data = span["fields"].clone();
            data["trace.trace_id"] = json!(id);
            if !parent.is_empty() {
                data["trace.parent_id"] = json!(parent);
            }
            events.push(json!({"time": trace["time"], "data": data}));
        }
    }
    // The spans of a trace may be anywhere.
    spans.reverse();
    let export = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]});
    [format!("{export}\n"), format!("{}\n", Json::Array(events))]
}

#[test]
fn every_format_of_traffic_gives_the_same_plan() {
    let new = rules(&[HEALTH, ERRORS, REST]);
    let plan = |text: &str| {
        let files = [("t.json", text)];
        let plan = plan_json(&old_rules(), &new, &files, &["--traffic", "shop=t.json"]);
        shop(&plan)["traffic"].clone()
    };
    let plain = plan(RECORDED);
    assert_eq!(plain["seconds"], 43_200.0);
    for text in exports() {
        assert_eq!(plan(&text), plain);
    }
}

#[test]
fn the_route_decides_the_types_of_numbers() {
    let new = rules(&[HEALTH, ERRORS, REST]);
    let lost = |route| {
        let arguments = ["--traffic", "shop=t.jsonl", "--route", route];
        let plan = plan_json(&old_rules(), &new, &[("t.jsonl", RECORDED)], &arguments);
        shop(&plan)["traffic"]["all"]["lost"].clone()
    };
    // Refinery does not compare unsigned integers with numbers.
    assert_eq!([lost("otlp"), lost("json"), lost("msgpack")], [1.0, 1.0, 0.0].map(Json::from));
}

/// Traces of ten spans, one every 10 ms for a minute.
fn peak() -> String {
    let spans = vec![json!({"fields": {"route": "/cart"}}); 10];
    let trace = |n: usize| format!("{}\n", json!({"id": n.to_string(), "spans": spans}));
    (0..6000).map(trace).collect::<Vec<_>>().concat()
}

#[test]
fn dynamic_samplers_follow_the_time_of_the_recording() {
    let throughput = |goal: u32| {
        let sampler = format!(
            "Sampler: {{TotalThroughputSampler: {{GoalThroughputPerSec: {goal}, FieldList: [route], \
             ClearFrequency: 5s}}}}"
        );
        rules(&[("rest", "", &sampler)])
    };
    let files = [("peak.jsonl", &*peak())];
    let kept = |interval: &str| {
        let arguments = ["--traffic", "shop=peak.jsonl", "--interval", interval];
        let plan = plan_json(&throughput(100), &throughput(50), &files, &arguments);
        let flow = shop(&plan)["traffic"]["all"]["kept_events"].clone();
        let share = |side: &str| flow[side].as_f64().unwrap() / 60_000.0;
        (share("old"), share("new"))
    };
    // 1000 events per second arrive, of which 100 and 50 are kept after the first 5 seconds.
    let (old, new) = kept("10ms");
    assert!((0.15..0.21).contains(&old) && (0.11..0.16).contains(&new), "{old} {new}");
    // Their times count where they have some.
    let timed: String = peak()
        .lines()
        .enumerate()
        .map(|(n, line)| {
            let time = format!("2026-03-01T00:00:{:02}.{:03}Z", n / 100, n % 100 * 10);
            line.replacen('{', &format!("{{\"time\":\"{time}\","), 1) + "\n"
        })
        .collect();
    let arguments = ["--traffic", "shop=timed.jsonl", "--interval", "9h"];
    let files = [("timed.jsonl", &*timed)];
    let plan = plan_json(&throughput(100), &throughput(50), &files, &arguments);
    let flow = &shop(&plan)["traffic"]["all"]["kept_events"];
    let difference = (flow["old"].as_f64().unwrap() / 60_000.0 - old).abs();
    assert!(difference < 0.001, "{flow} {old}");
    // At a tenth of the speed, 100 per second are all kept.
    let (old, new) = kept("100ms");
    assert!(old > 0.99 && (0.45..0.55).contains(&new), "{old} {new}");
}

#[test]
fn events_are_decided_in_the_order_of_time() {
    let throughput = |goal: u32| {
        let sampler = format!(
            "Sampler: {{TotalThroughputSampler: {{GoalThroughputPerSec: {goal}, FieldList: [route], \
             ClearFrequency: 1s}}}}"
        );
        rules(&[("rest", "", &sampler)])
    };
    let time = |n: usize| format!("2026-03-01T00:00:{:02}.{}Z", n / 10, n % 10);
    let data = |n: usize| json!({"trace.trace_id": n.to_string(), "route": "/cart"});
    let event = |n| json!({"time": time(n), "data": data(n)});
    let trace =
        |n: usize| json!({"id": n.to_string(), "time": time(n), "spans": [{"fields": data(n)}]});
    let lines: Vec<String> = (0..600).map(|n| format!("{}\n", trace(n))).collect();
    let plain = lines.concat();
    let batch = Json::Array((0..600).rev().map(event).collect()).to_string();
    let traffic = |text: &str| {
        let arguments = ["--traffic", "shop=t"];
        let plan = plan_json(&throughput(5), &throughput(2), &[("t", text)], &arguments);
        shop(&plan)["traffic"].clone()
    };
    let expected = traffic(&plain);
    let kept = expected["all"]["kept_traces"]["old"].as_f64().unwrap();
    assert!((250.0..350.0).contains(&kept), "{expected}");
    assert_eq!(traffic(&batch), expected);
}

#[test]
fn a_timeout_changes_decisions() {
    // The root span, an error, ends 30 s after the first span.
    let batch = r#"[{"time":"2026-03-01T00:00:00Z","data":{"trace.trace_id":"a","trace.parent_id":"x","status":1}},
        {"time":"2026-03-01T00:00:30Z","data":{"trace.trace_id":"a","status":500}}]"#
        .replace('\n', "");
    let config = |timeout: &str| format!("{CONFIG}Traces:\n  TraceTimeout: {timeout}\n");
    let (old, new) = (config("60s"), config("20s"));
    let files = [("old/config.yaml", &*old), ("new/config.yaml", &*new), ("t.json", &batch)];
    let plan = plan_json(&old_rules(), &old_rules(), &files, &["--traffic", "shop=t.json"]);
    let traffic = &shop(&plan)["traffic"];
    assert_eq!(counts(&traffic["all"]), "1/2 1.00 → 0.02, 2.00 → 0.04, -0.98 +0.00");
    assert_eq!(traffic["late_events"], json!({"old": 0, "new": 1}));
}

/// A sampler that counts in blocks of the time of day decides by the time of the recording.
#[test]
fn windows_are_those_of_the_time_of_the_recording() {
    let windowed = rules(&[(
        "rest",
        "",
        "Sampler: {WindowedThroughputSampler: {GoalThroughputPerSec: 1, FieldList: [route], \
         UpdateFrequency: 10s, LookbackFrequency: 10s}}",
    )]);
    let kept = |begin: usize| {
        let trace = |n: usize| {
            let time = format!("2026-03-01T00:00:{:02}Z", begin + n);
            json!({"id": n.to_string(), "time": time, "spans": vec![json!({"fields": {"route": 1}}); 9]})
        };
        let text: String = (0..25).map(|n| format!("{}\n", trace(n))).collect();
        let plan = plan_json(&windowed, &windowed, &[("t", &text)], &["--traffic", "shop=t"]);
        shop(&plan)["traffic"]["all"]["kept_traces"]["old"].as_f64().unwrap()
    };
    // Ten seconds after the first trace, all of the block before are counted, or only some.
    let (whole, some) = (kept(0), kept(5));
    assert!(some > whole + 1.0, "{whole} {some}");
}

#[test]
fn limits_fail_a_plan() {
    let new = rules(&[HEALTH, ERRORS, REST]);
    let files = [("t.jsonl", RECORDED)];
    for (limits, failures) in [
        ("flips>33%", 1),
        ("flips>34%", 0),
        ("lost>0%", 1),
        ("gained>0%", 0),
        ("kept>1%", 0),
        ("kept<1%", 1),
        ("kept<0.5%", 0),
        ("lost>0%,flips>1%,kept>20%", 2),
    ] {
        let arguments = ["--traffic", "shop=t.jsonl", "--fail-on", limits];
        let ran = plan_files(&old_rules(), &new, &files, &arguments);
        assert_eq!(ran.status, i32::from(failures > 0), "{limits}: {}", ran.output);
        assert_eq!(ran.output.matches("  ✘ ").count(), failures, "{limits}: {}", ran.output);
        assert_eq!(ran.output.ends_with("\nblocked\n"), failures > 0, "{limits}");
    }
}

#[test]
fn traffic_is_compared_with_the_budget() {
    let settings = |budget: &str| format!("[plan]\nbudget = {budget}\n");
    let new = rules(&[ERRORS, HEALTH, ("rest", "", "SampleRate: 1")]);
    // 5 events in 12 hours are kept.
    for (budget, line, status) in [
        ("{ events = 9, per = \"day\" }", "events kept per day: 4.1 → 10, budget 9 ✘ exceeded", 1),
        ("{ events = 10, per = \"day\" }", "events kept per day: 4.1 → 10, budget 10 ✔", 0),
        ("{ events = 300, per = \"month\" }", "per month: 123.6 → 300, budget 300 ✔", 0),
        ("{ events = 299, per = \"month\" }", "budget 299 ✘ exceeded", 1),
    ] {
        let line = line.replace("123.6", "124");
        let files = [("t.jsonl", RECORDED), ("new/.refinery-preflight.toml", &settings(budget))];
        let arguments = ["--traffic", "shop=t.jsonl", "--fail-on", "budget"];
        let ran = plan_files(&old_rules(), &new, &files, &arguments);
        assert!(ran.output.contains(&line), "{line}: {}", ran.output);
        assert_eq!(ran.status, status, "{}", ran.output);
        let arguments = ["--traffic", "shop=t.jsonl"];
        assert_eq!(plan_files(&old_rules(), &new, &files, &arguments).status, 0);
    }
    // What cannot be compared does not pass.
    let timeless = RECORDED.replace("\"time\"", "\"when\"");
    let budget = settings("{ events = 900, per = \"day\" }");
    let files = [("t.jsonl", &*timeless), ("new/.refinery-preflight.toml", &budget)];
    let arguments = ["--traffic", "shop=t.jsonl", "--fail-on", "budget"];
    let ran = plan_files(&old_rules(), &new, &files, &arguments);
    assert!(
        ran.status == 1 && ran.output.contains("not all traces have a timestamp"),
        "{}",
        ran.output
    );
    let ran =
        plan_files(&old_rules(), &new, &files, &[&arguments[..], &["--interval", "1h"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.output);
    let ran = plan_files(&old_rules(), &new, &[("t.jsonl", RECORDED)], &arguments);
    assert!(ran.status == 1 && ran.output.contains("needs `[plan] budget`"), "{}", ran.output);
}

#[test]
fn a_change_cannot_raise_its_own_budget() {
    let settings =
        |events: u32| format!("[plan]\nbudget = {{ events = {events}, per = \"day\" }}\n");
    let repository = Repository::with(&[
        ("config.yaml", CONFIG),
        ("rules.yaml", &old_rules()),
        (".refinery-preflight.toml", &settings(9)),
        ("t.jsonl", RECORDED),
    ]);
    repository.write("rules.yaml", &rules(&[ERRORS, HEALTH, ("rest", "", "SampleRate: 1")]));
    let arguments = ["plan", "--since", "main", "--traffic", "shop=t.jsonl", "--fail-on", "budget"];
    for (events, budget, status) in [(1000, 9, 1), (8, 8, 1), (9, 9, 1)] {
        repository.write(".refinery-preflight.toml", &settings(events));
        let ran = repository.run(&arguments);
        assert!(ran.output.contains(&format!("budget {budget} ")), "{}{}", ran.output, ran.errors);
        assert_eq!(ran.status, status);
    }
}
