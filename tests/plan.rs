//! The `plan` command: what changes in config, rules and traffic.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop where it fails")]

mod program;
mod repository;

use program::{BROKEN, CONFIG, Folder, Ran};
use repository::Repository;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// Rules of the target `shop`, each as its name, a condition or nothing, and what follows.
fn rules(rules: &[(&str, &str, &str)]) -> String {
    let mut text = "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      \
                    SampleRate: 10\n  shop:\n    RulesBasedSampler:\n      Rules:\n"
        .to_owned();
    for (name, condition, outcome) in rules {
        let _ = writeln!(text, "        - Name: {name}\n          {outcome}");
        if let [field, operator, value] = condition.split(' ').collect::<Vec<_>>()[..] {
            let _ = writeln!(
                text,
                "          Conditions:\n            - Field: {field}\n              Operator: \
                 '{operator}'\n              Value: {value}"
            );
        }
    }
    text
}

const ERRORS: (&str, &str, &str) = ("errors", "status >= 500", "SampleRate: 1");
const HEALTH: (&str, &str, &str) = ("health", "route = /health", "Drop: true");
const REST: (&str, &str, &str) = ("rest", "", "SampleRate: 50");

fn old_rules() -> String {
    rules(&[ERRORS, HEALTH, REST])
}

/// A plan from the rules in `old` to those in `new`, with more files in the current folder.
fn plan_files(old: &str, new: &str, more: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let files = [("old/rules.yaml", old), ("new/rules.yaml", new)];
    let folder = Folder::new(&[&files, more].concat());
    folder.run(&[&["plan", "new", "--against", "old"], arguments].concat())
}

fn plan_json(old: &str, new: &str, more: &[(&str, &str)], arguments: &[&str]) -> Json {
    let ran = plan_files(old, new, more, &[&["--output-format", "json"], arguments].concat());
    valid(&ran)
}

/// The JSON of a plan, which follows the schema.
fn valid(ran: &Ran) -> Json {
    let plan: Json = serde_json::from_str(&ran.output).expect(&ran.errors);
    let schema = serde_json::from_str(include_str!("../schemas/plan.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&plan).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{}", ran.output);
    plan
}

/// The target `shop` of the only deployment.
fn shop(plan: &Json) -> &Json {
    let targets = plan["deployments"][0]["targets"].as_array().unwrap();
    targets.iter().find(|target| target["name"] == "shop").unwrap()
}

/// Each difference as `old rule → new rule`.
fn differences(target: &Json) -> Vec<String> {
    let side = |side: &Json| {
        format!("{} {}", side["name"].as_str().unwrap(), side["text"].as_str().unwrap())
    };
    let all = target["differences"].as_array().unwrap().iter();
    all.map(|found| format!("{} → {}", side(&found["old"]), side(&found["new"]))).collect()
}

/// The rule that `trace` says decides a trace.
fn deciding_rule(rules: &str, trace: &Json) -> String {
    let folder = Folder::new(&[("rules.yaml", rules), ("t.jsonl", &trace.to_string())]);
    let arguments = ["-r", "rules.yaml", "--target", "shop", "--output-format", "json"];
    let ran = folder.run(&[&["trace", "t.jsonl"], &arguments[..]].concat());
    let line: Json = serde_json::from_str(&ran.output).expect(&ran.errors);
    line["rule"].as_str().unwrap_or("no rule").to_owned()
}

#[test]
fn each_difference_has_a_trace_that_shows_it() {
    let slow = ("slow", "duration > 9", "SampleRate: 2");
    let other_rest = ("rest", "", "SampleRate: 5");
    for (new, expected) in [
        (vec![HEALTH, ERRORS, REST], vec!["errors kept → health dropped"]),
        (vec![ERRORS, HEALTH, other_rest], vec!["rest kept 1 in 50 → rest kept 1 in 5"]),
        (vec![ERRORS, REST], vec!["health dropped → rest kept 1 in 50"]),
        (vec![ERRORS, HEALTH], vec!["rest kept 1 in 50 → no rule kept"]),
        (vec![ERRORS, HEALTH, slow, REST], vec!["rest kept 1 in 50 → slow kept 1 in 2"]),
        (
            vec![slow, ERRORS, HEALTH, REST],
            vec![
                "errors kept → slow kept 1 in 2",
                "health dropped → slow kept 1 in 2",
                "rest kept 1 in 50 → slow kept 1 in 2",
            ],
        ),
    ] {
        let (old, new) = (old_rules(), rules(&new));
        let plan = plan_json(&old, &new, &[], &[]);
        let target = shop(&plan);
        assert_eq!(
            (&target["rules"], differences(target)),
            (&json!("different"), owned(&expected))
        );
        for found in target["differences"].as_array().unwrap() {
            assert_eq!(deciding_rule(&old, &found["trace"]), found["old"]["name"], "{found}");
            assert_eq!(deciding_rule(&new, &found["trace"]), found["new"]["name"], "{found}");
        }
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn rules_with_the_same_meaning_are_equal() {
    let never = ("never", "status = 600", "SampleRate: 1");
    let renamed = ("all others", "", "SampleRate: 50");
    for new in [
        vec![ERRORS, never, HEALTH, renamed],
        vec![ERRORS, HEALTH, ("x", "route = /health", "SampleRate: 3"), REST],
    ] {
        let ran = plan_files(&old_rules(), &rules(&new), &[], &[]);
        let line = "rules of `shop`: every trace is decided as before (proved)\n";
        assert!(ran.output.contains("same effect as before"), "{line}{}", ran.output);
        assert!(ran.output.ends_with("\nnothing changes\n"), "{}", ran.output);
        assert_eq!(ran.status, 0);
    }
}

#[test]
fn undecided_is_never_equal() {
    // Releases before v2.8.0 evaluate conditions in other ways.
    let moved = rules(&[HEALTH, ERRORS, REST]);
    let plan = plan_json(&old_rules(), &moved, &[], &["--refinery", "2.5"]);
    assert_eq!(shop(&plan)["rules"], "unknown");
    assert_eq!(shop(&plan)["unknown"]["reason"], "other-release");
    // A pattern that is too large to be analysed.
    let pattern = ("large", &*format!("route matches {}", "a".repeat(1500)), "SampleRate: 3");
    let text = rules(&[pattern, REST]);
    let plan = plan_json(&old_rules(), &text, &[], &[]);
    assert_eq!(shop(&plan)["rules"], "unknown", "{plan:#}");
}

#[test]
fn a_new_target_is_compared_with_the_default() {
    let default = "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      \
                   SampleRate: 1\n";
    let new = rules(&[HEALTH, ("rest", "", "SampleRate: 1")]);
    let new = new.replace("SampleRate: 10", "SampleRate: 1");
    for (old, new, presence, expected) in [
        (default, &*new, "added", "DeterministicSampler kept → health dropped"),
        (&*new, default, "removed", "health dropped → DeterministicSampler kept"),
    ] {
        let plan = plan_json(old, new, &[], &[]);
        assert_eq!(shop(&plan)["presence"], presence);
        assert_eq!(differences(shop(&plan)), [expected]);
    }
}

#[test]
fn config_changes_say_when_they_take_effect() {
    let old = "General:\n  ConfigurationVersion: 2\nTraces:\n  SendDelay: 2s\nOTelMetrics:\n  \
               Enabled: true\n  APIKey: 0123456789abcdef0123456789abcdef\nNetwork:\n  ListenAddr: \
               0.0.0.0:8080\n";
    let new = old
        .replace("2s", "4s")
        .replace("0.0.0.0:8080", "0.0.0.0:8090")
        .replace("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
    let files = [
        ("old/config.yaml", old),
        ("new/config.yaml", &new),
        ("old/rules.yaml", &old_rules()),
        ("new/rules.yaml", &old_rules()),
    ];
    let folder = Folder::new(&files);
    let arguments = ["plan", "new", "--against", "old"];
    let json = folder.run(&[&arguments[..], &["--output-format", "json"]].concat());
    let plan = valid(&json);
    let changes = plan["deployments"][0]["config_changes"].as_array().unwrap();
    let change = |key: &str| changes.iter().find(|change| change["key"] == key).cloned();
    let expected = |key: &str, old, new, when| {
        Some(json!({"key": key, "old": old, "new": new, "takes_effect": when}))
    };
    for (key, old, new, when) in [
        ("Traces.SendDelay", "2s", "4s", "live-reload"),
        ("Network.ListenAddr", "0.0.0.0:8080", "0.0.0.0:8090", "restart"),
        ("OTelMetrics.APIKey", "********", "********", "restart"),
    ] {
        assert_eq!(change(key), expected(key, old, new, when));
    }
    assert_eq!(changes.len(), 3);
    for format in ["human", "markdown"] {
        let ran = folder.run(&[&arguments[..], &["--output-format", format]].concat());
        assert!(ran.output.contains("2s") && ran.output.contains("4s"), "{}", ran.output);
        let all = ran.output + &json.output;
        assert!(!all.contains("fedcba98") && !all.contains("01234567"), "{format}: {all}");
    }
}

#[test]
fn a_new_state_that_does_not_start_is_reported_first() {
    let (good, bad) = (CONFIG, BROKEN);
    for (old, new, status, refused) in [
        (good, bad, 1, json!("new-refused")),
        (bad, good, 0, json!("old-refused")),
        (bad, bad, 1, json!("both-refused")),
        (good, good, 0, Json::Null),
    ] {
        let files = [("old/config.yaml", old), ("new/config.yaml", new)];
        let rules = [("old/rules.yaml", program::RULES), ("new/rules.yaml", program::RULES)];
        let folder = Folder::new(&[files, rules].concat());
        let arguments = ["plan", "new", "--against", "old"];
        let ran = folder.run(&arguments);
        assert_eq!(ran.status, status, "{}", ran.output);
        let first = "✘ Refinery would fail with the new files\n";
        assert_eq!(ran.output.starts_with(first), status == 1, "{}", ran.output);
        let plan = valid(&folder.run(&[&arguments[..], &["--output-format", "json"]].concat()));
        assert_eq!(plan["deployments"][0]["not_compared"], refused);
        assert_eq!(plan["summary"]["blocked"], status == 1);
    }
}

#[test]
fn a_crash_at_the_first_trace_blocks() {
    let crash = rules(&[("x", "status = 1", "SampleRate: 1")]).replace(
        "  shop:\n    RulesBasedSampler:",
        "  other:\n    DynamicSampler:\n      SampleRate: -5\n      FieldList: [a]\n  shop:\n    \
         RulesBasedSampler:",
    );
    let old = crash.replace("-5", "5");
    let ran = plan_files(&old, &crash, &[], &["--refinery", "2.9"]);
    assert_eq!(ran.status, 1, "{}", ran.output);
    let line = "DynamicSampler: 1 in 5, by a → Refinery exits: the sample rate is \
                negative";
    assert!(ran.output.contains(line), "{}", ran.output);
    let null = rules(&[("x", "", "Sampler: {}")]);
    let ran = plan_files(&old_rules(), &null, &[], &[]);
    let line = "rules of `shop`: Refinery exits on the first trace: a rule's sampler is empty\n";
    assert!(ran.status == 1 && ran.output.contains(line), "{}", ran.output);
}

#[test]
fn a_branch_is_compared_with_its_merge_base() {
    let repository = Repository::with(&[
        ("a/config.yaml", CONFIG),
        ("a/rules.yaml", &old_rules()),
        ("b/config.yaml", CONFIG),
        ("b/rules.yaml", &old_rules()),
    ]);
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    let nothing = repository.run(&["plan", "--since", "main"]);
    assert_eq!((nothing.output.as_str(), nothing.status), ("no deployment changes\n", 0));
    repository.write("b/rules.yaml", &rules(&[HEALTH, ERRORS, REST]));
    let ran = repository.run(&["plan", "--since", "main"]);
    assert!(ran.output.starts_with("b/config.yaml + b/rules.yaml · Refinery "), "{}", ran.output);
    assert!(ran.output.contains("`errors` (kept) → `health` (dropped)\n"), "{}", ran.output);
    assert!(!ran.output.contains("a/config.yaml"), "{}", ran.output);
    repository.commit_all("Drop health checks first");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("b/rules.yaml", &rules(&[ERRORS]));
    repository.commit_all("Keep the rest");
    repository.git(&["checkout", "--quiet", "change"]);
    // What happens on `main` is no part of the change.
    assert_eq!(repository.run(&["plan", "--since", "main"]).output, ran.output);
    repository.git(&["rm", "--quiet", "-r", "b"]);
    let removed = repository.run(&["plan", "--since", "main"]);
    assert!(removed.output.starts_with("b/config.yaml + b/rules.yaml (removed)"), "{removed:?}");
    repository.write("c/config.yaml", CONFIG);
    let added = repository.run(&["plan", "--since", "main", "c"]);
    assert!(added.output.starts_with("c/config.yaml (added)"), "{}", added.output);
}

#[test]
fn an_upgrade_compares_two_releases_with_the_same_files() {
    let files = [("config.yaml", CONFIG), ("rules.yaml", &*old_rules())];
    let folder = Folder::new(&files);
    let ran = folder.run(&["plan", "--refinery", "2.9.7..3.2.2", "--output-format", "json"]);
    let plan = valid(&ran);
    let deployment = &plan["deployments"][0];
    assert_eq!(
        (&deployment["old"]["release"], &deployment["new"]["release"]),
        (&json!("v2.9.7"), &json!("v3.2.2"))
    );
    let changes = deployment["config_changes"].as_array().unwrap();
    let queue = changes.iter().find(|change| change["key"] == "Collection.IncomingQueueSize");
    assert_eq!(queue.unwrap()["takes_effect"], "rollout");
    assert_eq!(shop(&plan)["rules"], "equal");
    let same = folder.run(&["plan", "--refinery", "3.2.2..3.2.2"]);
    assert_eq!(same.status, 2, "{}", same.output);
}

#[test]
fn folders_are_paired_by_the_names_in_them() {
    let (old, new) = (old_rules(), rules(&[HEALTH, ERRORS, REST]));
    let folder = Folder::new(&[
        ("old/a/rules.yaml", &old),
        ("old/b/rules.yaml", &old),
        ("new/a/rules.yaml", &old),
        ("new/b/rules.yaml", &new),
        ("new/c/rules.yaml", &old),
        ("alone/x/rules.yaml", &old),
        ("alone/y/rules.yaml", &old),
    ]);
    let ran = folder.run(&["plan", "new", "--against", "old", "--output-format", "json"]);
    let plan = valid(&ran);
    let found: Vec<_> = plan["deployments"].as_array().unwrap().iter().collect();
    let brief = |deployment: &Json| {
        let rules = deployment["targets"].as_array().unwrap().iter().map(|t| t["rules"].clone());
        (deployment["rules"][0].clone(), deployment["presence"].clone(), rules.collect::<Vec<_>>())
    };
    let equal = vec![json!("equal"), json!("equal")];
    let different = vec![json!("equal"), json!("different")];
    assert_eq!(
        found.into_iter().map(brief).collect::<Vec<_>>(),
        [
            (json!("new/a/rules.yaml"), json!("both"), equal),
            (json!("new/b/rules.yaml"), json!("both"), different),
            (json!("new/c/rules.yaml"), json!("added"), vec![]),
        ]
    );
    let ran = folder.run(&["plan", "new", "--against", "alone"]);
    assert_eq!(ran.status, 2, "{}", ran.output);
    assert!(ran.errors.contains("no deployment of `alone` corresponds"), "{}", ran.errors);
}

#[test]
fn wrong_input_has_errors() {
    let files = [("old/rules.yaml", &*old_rules()), ("new/rules.yaml", &*old_rules())];
    let traffic = [("t.jsonl", RECORDED), ("bad.jsonl", "{\"id\":\"x\"}\n"), ("empty.jsonl", "")];
    let folder = Folder::new(&[&files[..], &traffic[..]].concat());
    let both = ["new", "--against", "old"];
    for (arguments, message) in [
        (&["new"][..], "nothing to compare with"),
        (&["new", "--refinery", "3.2"], "nothing to compare with"),
        (&["new", "--since", "main"], "not a git repository"),
        (&["new", "--against", "nope"], "no such file: `nope`"),
        (&["nope", "--against", "old"], "no such file: `nope`"),
        (&["new", "--against", "old", "--since", "main"], "cannot be used with"),
        (&["new", "--refinery", "9.9..3.2"], "unknown Refinery release `9.9`"),
        (&[&both[..], &["--traffic", "nope"]].concat(), "no such file: `nope`"),
        (&[&both[..], &["--traffic", "shop=nope"]].concat(), "no such file: `nope`"),
        (&[&both[..], &["--traffic", "t.jsonl"]].concat(), "which target is the traffic"),
        (&[&both[..], &["--traffic", "shp=t.jsonl"]].concat(), "no target `shp` in the rules"),
        (&[&both[..], &["--traffic", "shop=bad.jsonl"]].concat(), "invalid traces in `bad.jsonl`"),
        (&[&both[..], &["--traffic", "shop=empty.jsonl"]].concat(), "no traces found"),
        (&[&both[..], &["--traffic", "shop="]].concat(), "expected a file, or a target"),
        (&[&both[..], &["--fail-on", "flips>1%"]].concat(), "--traffic"),
        (
            &[&both[..], &["--traffic", "shop=t.jsonl", "--fail-on", "flips>1"]].concat(),
            "expected `flips`",
        ),
    ] {
        let ran = folder.run(&[&["plan"], arguments].concat());
        assert_eq!((ran.status, ran.output.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.errors.contains(message), "{arguments:?}: {}", ran.errors);
    }
}

const RECORDED: &str = r#"{"id":"a","time":"2026-03-01T00:00:00Z","spans":[{"root":true,"fields":{"route":"/health","status":500}},{"fields":{}}]}
{"id":"b","time":"2026-03-01T06:00:00Z","spans":[{"root":true,"fields":{"route":"/health"}}]}
{"id":"c","time":"2026-03-01T12:00:00Z","spans":[{"root":true,"fields":{"route":"/cart"}},{"fields":{}},{"fields":{}}]}
"#;

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
        "    kept 34.0 % → 3.3 % of 3 traces (2.1 → 0.3 of 6 events)\n",
        "    flips: 36.0 % of the traces (1 kept → dropped, < 0.1 dropped → kept)\n",
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
    (0..6000).map(|n| format!("{}\n", json!({"id": n.to_string(), "spans": spans}))).collect()
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
    // At a tenth of the speed, 100 per second are all kept.
    let (old, new) = kept("100ms");
    assert!(old > 0.99 && (0.45..0.55).contains(&new), "{old} {new}");
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
    assert!(ran.status == 1 && ran.output.contains("the traffic has no times"), "{}", ran.output);
    let ran =
        plan_files(&old_rules(), &new, &files, &[&arguments[..], &["--interval", "1h"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.output);
    let ran = plan_files(&old_rules(), &new, &[("t.jsonl", RECORDED)], &arguments);
    assert!(ran.status == 1 && ran.output.contains("no budget in the settings"), "{}", ran.output);
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

#[test]
fn markdown_has_a_diagram_without_markup_from_files() {
    let hostile = "'a\"] --> x[<b>`|@octocat ```'";
    let new = rules(&[(hostile, "route = /health", "Drop: true"), ERRORS, REST]);
    let arguments = ["--traffic", "shop=t.jsonl", "--output-format", "markdown"];
    let ran = plan_files(&old_rules(), &new, &[("t.jsonl", RECORDED)], &arguments);
    assert!(ran.output.starts_with("## Refinery plan ✔\n"), "{}", ran.output);
    let (_, rest) = ran.output.split_once("```mermaid\nflowchart TD\n").expect("a diagram");
    let (diagram, after) = rest.split_once("\n```\n").expect("its end");
    assert!(!after.contains("```") && !ran.output.contains("<b>"), "{}", ran.output);
    assert!(!ran.output.contains("@octocat"), "{}", ran.output);
    for line in diagram.lines() {
        let quotes = line.matches('"').count();
        assert!(quotes.is_multiple_of(2) && !line.contains('`'), "{line}");
    }
    assert!(diagram.contains("r0 -->|\"66.7 %\"| o0([\"dropped\"]):::dropped\n"), "{diagram}");
    assert!(diagram.contains("  r2 -->|\"33.3 %\"| o2([\"kept 1 in 50\"]):::sampled"), "{diagram}");
}

#[test]
fn a_picture_has_a_row_for_each_rule() {
    let names: Vec<String> = (0..60).map(|n| format!("rule {n} <&>")).collect();
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let all: Vec<_> =
        quoted.iter().map(|name| (name.as_str(), "route = /health", "Drop: true")).collect();
    let folder = Folder::new(&[
        ("old/rules.yaml", &old_rules()),
        ("new/rules.yaml", &rules(&all)),
        ("t.jsonl", RECORDED),
    ]);
    let ran = folder.run(&[
        "plan",
        "new",
        "--against",
        "old",
        "--traffic",
        "shop=t.jsonl",
        "--picture",
        "a.svg",
    ]);
    assert_eq!(ran.status, 0, "{}", ran.errors);
    let picture = std::fs::read_to_string(folder.path().join("a.svg")).unwrap();
    let document = roxmltree::Document::parse(&picture).expect("XML");
    let texts: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
    for name in names.iter().map(String::as_str).chain(["no rule", "dropped", "66.7 %"]) {
        assert!(texts.contains(&name), "{name}");
    }
    let number = |name: &str, node: roxmltree::Node<'_, '_>| -> usize {
        node.attribute(name).unwrap_or("0").parse().unwrap()
    };
    let height = number("height", document.root_element());
    let rows = document.descendants().filter(|node| node.has_tag_name("rect"));
    let mut bottom = 0;
    for row in rows.filter(|row| row.attribute("class").is_some_and(|c| c.starts_with("row"))) {
        let (top, tall) = (number("y", row), number("height", row));
        assert!(top >= bottom && top + tall <= height, "{top} {bottom}");
        bottom = top + tall;
    }
    let bad = folder.run(&["plan", "new", "--against", "old", "--picture", "no/such/a.svg"]);
    assert_eq!(bad.status, 2, "{}", bad.output);
}

#[test]
fn several_formats_are_written_in_one_run() {
    let folder = Folder::new(&[("old/rules.yaml", &old_rules()), ("new/rules.yaml", &old_rules())]);
    let arguments = ["plan", "new", "--against", "old", "--output-format"];
    let ran = folder.run(
        &[
            &arguments[..],
            &["human", "--output-format", "markdown=a.md", "--output-format", "json=a"],
        ]
        .concat(),
    );
    assert!(ran.output.ends_with("nothing changes\n"), "{}", ran.output);
    let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("a.md").starts_with("## Refinery plan ✔"));
    assert!(serde_json::from_str::<Json>(&read("a")).is_ok());
    let twice = folder.run(&[&arguments[..], &["human", "--output-format", "json"]].concat());
    assert_eq!(twice.status, 2);
}
