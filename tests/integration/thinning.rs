//! `traffic thin`: every decision stays the same, and no value is left that the rules do not use.

use crate::chance::Chance;
use crate::program::{Folder, Ran};
use crate::random_rules::{print, rules, trace};
use refinery_preflight::internals::engine::Trace;
use refinery_preflight::internals::rehearse::trace_text;
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

const RULES: &str = "RulesVersion: 2
Samplers:
  __default__:
    DeterministicSampler:
      SampleRate: 10
  shop:
    RulesBasedSampler:
      Rules:
        - Name: errors
          SampleRate: 1
          Conditions:
            - {Field: http.status_code, Operator: '>=', Value: 500, Datatype: int}
        - Name: vip
          SampleRate: 2
          Conditions:
            - {Fields: [root.user.id, account], Operator: in, Value: [vip1, vip2]}
        - Name: health
          Drop: true
          Scope: span
          Conditions:
            - {Field: url.path, Operator: starts-with, Value: /health}
        - Name: slow
          Scope: span
          Conditions:
            - {Field: duration_ms, Operator: '>', Value: 900}
          Sampler:
            DynamicSampler:
              SampleRate: 4
              ClearFrequency: 2s
              FieldList: [service.name, root.http.status_code]
        - Name: versions
          SampleRate: 3
          Conditions:
            - {Field: version, Operator: matches, Value: '^v[0-9]+$'}
        - Name: rest
          Sampler:
            EMADynamicSampler:
              GoalSampleRate: 5
              AdjustmentInterval: 3s
              FieldList: [service.name, root.url.path, http.status_code, plan]
";

/// Traces in which everything that nobody asks for, and every name of a person, has `anna`.
fn recording(count: usize) -> String {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut text = String::new();
    for number in 0..count {
        let mut spans = Vec::new();
        for place in 0..=chance.below(3) {
            let mut fields = serde_json::Map::new();
            let mut set = |name: &str, value: Json| drop(fields.insert(name.to_owned(), value));
            let n = chance.below(1000);
            set("service.name", format!("anna-{}", n % 7).into());
            set("secret", format!("anna {n}").into());
            match n % 5 {
                0 => set("http.status_code", (200 + n % 350).into()),
                1 => set("http.status_code", format!("{}", 200 + n % 310).into()),
                _ => set("duration_ms", format!("{n}.5").parse::<f64>().unwrap().into()),
            }
            match n % 11 {
                0 => set("user.id", "vip1".into()),
                1..8 => set("user.id", format!("anna{n}@example.com").into()),
                8 => set("account", "vip2".into()),
                _ => set("version", ["v7", "anna7", "v"][n % 3].into()),
            }
            match n % 13 {
                0 => set("url.path", format!("/health/anna/{n}").into()),
                1..6 => set("url.path", format!("/users/anna{}", n % 20).into()),
                6 => set("url.path", "".into()),
                _ => {}
            }
            match n % 3 {
                0 => set("plan", n.is_multiple_of(2).into()),
                1 => set("plan", Json::Null),
                _ => set("plan", serde_json::json!([n % 4, "anna"])),
            }
            spans.push(serde_json::json!({"root": place == 0, "fields": fields}));
        }
        let trace = serde_json::json!({"id": format!("anna-{number}"), "spans": spans});
        let _ = writeln!(text, "{trace}");
    }
    text
}

/// The decisions about the traces of a file, as `(rule, rate, keep, key)`.
fn decisions(folder: &Folder, file: &str, arguments: &[&str]) -> Vec<[String; 4]> {
    let command = ["trace", file, "-r", "rules.yaml", "--output-format", "json"];
    let ran = folder.run(&[&command, arguments].concat());
    assert_eq!(ran.errors, "", "{file}");
    let read = |line: &str| {
        let line: Json = serde_json::from_str(line).expect("a decision");
        ["rule", "rate", "keep", "key"].map(|name| line[name].to_string())
    };
    ran.output.lines().map(read).collect()
}

/// The same rules decide, with the same rates; dynamic samplers count the same traces together. Their
/// rates differ by what they round, in the order of the keys.
fn assert_same(one: &[[String; 4]], other: &[[String; 4]], about: &str) {
    assert_eq!(one.len(), other.len(), "{about}");
    let (mut there, mut back) = (HashMap::new(), HashMap::new());
    let mut kept: HashMap<&String, [f64; 3]> = HashMap::new();
    for (place, ([rule, rate, keep, key], thinned)) in one.iter().zip(other).enumerate() {
        let [other_rule, other_rate, other_keep, other_key] = thinned;
        assert_eq!(rule, other_rule, "line {place}\n{about}");
        if key == "\"\"" {
            assert_eq!((rate, keep), (other_rate, other_keep), "line {place}\n{about}");
        }
        let (key, other_key) = ((rule, key), (rule, other_key));
        assert_eq!(*there.entry(key).or_insert(other_key), other_key, "line {place}\n{about}");
        assert_eq!(*back.entry(other_key).or_insert(key), key, "line {place}\n{about}");
        let of_rule = kept.entry(rule).or_default();
        of_rule[0] += 1.0;
        for (sum, rate) in of_rule[1..].iter_mut().zip([rate, other_rate]) {
            *sum += 1.0 / rate.parse::<f64>().expect("a rate").max(1.0);
        }
    }
    for (rule, [count, before, after]) in kept.into_iter().filter(|(_, [count, ..])| *count > 1e3) {
        let points = (before - after).abs() * 100.0 / count;
        assert!(points < 1.0, "{rule} {count} {before} {after}");
    }
}

fn thin(folder: &Folder, file: &str, arguments: &[&str]) -> Ran {
    let ran = folder.run(&[&["traffic", "thin", file, "-r", "rules.yaml"], arguments].concat());
    folder.write("thin.jsonl", ran.output.as_bytes());
    ran
}

/// Thins a recording for a target, and returns the decisions before and after.
fn thin_and_decide(count: usize, target: &[&str], keeps: &[&str]) -> [Vec<[String; 4]>; 2] {
    let text = recording(count);
    let folder = Folder::new(&[("rules.yaml", RULES), ("t.jsonl", &text)]);
    let keeps: Vec<&str> = keeps.iter().flat_map(|name| ["--keep", name]).collect();
    let ran = thin(&folder, "t.jsonl", &[target, &keeps].concat());
    assert_eq!(ran.status, 0, "{}", ran.errors);
    assert_eq!(ran.output.contains("anna"), !keeps.is_empty());
    assert!(!ran.output.contains("secret"));
    let arguments = [target, &["--interval", "1ms"]].concat();
    ["t.jsonl", "thin.jsonl"].map(|file| decisions(&folder, file, &arguments))
}

const SHOP: [&str; 2] = ["--target", "shop"];

#[test]
fn a_hundred_thousand_traces_keep_their_decisions_and_nobody_s_name() {
    let [before, after] = thin_and_decide(100_000, &SHOP, &[]);
    assert_same(&before, &after, "shop");
    let rules: BTreeSet<&String> = before.iter().map(|[rule, ..]| rule).collect();
    let rates: BTreeSet<&String> = before.iter().map(|[_, rate, ..]| rate).collect();
    assert!(rules.len() == 6 && rates.len() > 5, "{rules:?} {rates:?}");
}

#[test]
fn deterministic_samplers_decide_the_new_ids_the_same() {
    let [before, after] = thin_and_decide(10_000, &[], &[]);
    assert_same(&before, &after, "the default target");
    let kept = before.iter().filter(|[_, _, keep, _]| keep == "true").count();
    assert!((900..1100).contains(&kept), "{kept}");
}

#[test]
fn dynamic_samplers_have_the_same_rates_if_their_keys_are_kept() {
    let [before, after] =
        thin_and_decide(10_000, &SHOP, &["service.name", "url.path", "plan", "http.status_code"]);
    assert!(before == after);
}

#[test]
fn values_are_kept_only_if_the_rules_compare_them() {
    let line = r#"{"id":"t","time":"2026-03-01T10:00:00.5Z","spans":[{"fields":{"service.name":"db","user.id":"vip1","url.path":"/health?u=anna","account":"x"}},{"root":true,"fields":{"service.name":"db","http.status_code":404,"duration_ms":5,"user.id":"anna","plan":"gold","version":"v7","url.path":"/a","x":1}}]}"#;
    let folder = Folder::new(&[("rules.yaml", RULES), ("t.jsonl", line)]);
    folder.write("key", b"0123456789abcdef");
    let arguments = ["--target", "shop", "--key-file", "key"];
    let ran = thin(&folder, "t.jsonl", &arguments);
    let line = ran.output.lines().nth(1).expect(&ran.errors);
    let trace: Json = serde_json::from_str(line).expect("a trace");
    assert_eq!(trace["time"], "2026-03-01T10:00:00.5Z");
    assert_eq!(trace["id"].as_str().unwrap().len(), 32);
    let [child, root] = [&trace["spans"][0], &trace["spans"][1]];
    assert_eq!((&child["root"], &root["root"]), (&Json::Null, &Json::Bool(true)));
    let [child, root] = [child, root].map(|span| span["fields"].as_object().unwrap());
    let names = |span: &serde_json::Map<String, Json>| span.keys().cloned().collect::<Vec<_>>();
    // The user is only read from the root span.
    assert_eq!(names(child), ["account", "service.name", "url.path"]);
    let all = [
        "duration_ms",
        "http.status_code",
        "plan",
        "service.name",
        "url.path",
        "user.id",
        "version",
    ];
    assert_eq!(names(root), all);
    assert_eq!(
        (&root["http.status_code"], &root["duration_ms"]),
        (&Json::from(404), &Json::from(5))
    );
    assert_eq!(child["service.name"], root["service.name"]);
    let health = child["url.path"].as_str().unwrap();
    assert!(health.starts_with("/health#") && health.len() == 24, "{health}");
    assert!(root["version"].as_str().unwrap().starts_with('v'));
    for line in
        ["`service.name`: 2 hashed", "`http.status_code`: 1 unchanged", "`user.id`: 1 replaced"]
    {
        assert!(ran.errors.contains(line), "{line}\n{}", ran.errors);
    }
    // The same key gives the same hashes, another one, or none, does not.
    assert_eq!(thin(&folder, "t.jsonl", &arguments).output, ran.output);
    folder.write("key", b"0123456789abcdeg");
    let outputs = [&arguments[..], &arguments[..2], &arguments[..2]]
        .map(|arguments| thin(&folder, "t.jsonl", arguments).output);
    for (place, output) in outputs.iter().enumerate() {
        assert!(*output != ran.output && !outputs[place + 1..].contains(output), "{place}");
    }
    let kept = thin(&folder, "t.jsonl", &["--target", "shop", "--keep", "x", "--keep", "plan"]);
    assert!(
        kept.output.contains(r#""plan":"gold""#) && kept.output.contains(r#""x":1"#),
        "{kept:?}"
    );
    folder.write("key", b"short");
    let short = thin(&folder, "t.jsonl", &arguments);
    assert!(short.status == 2 && short.errors.contains("fewer than 16 bytes"), "{short:?}");
    let unknown = thin(&folder, "t.jsonl", &["--target", "shpo"]);
    assert!(unknown.status == 2 && unknown.errors.contains("did you mean `shop`?"), "{unknown:?}");
}

/// Rules with every operator and type, on values of every type, some of them nested.
#[test]
fn random_rules_decide_thinned_traces_the_same() {
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let mut regrouped = 0;
    for number in 0..50_usize {
        let nested = number.is_multiple_of(2);
        let mut written = rules(&mut chance);
        written.truncate(1 + number % 4);
        let (mut text, _) = print(&written, nested);
        let keys =
            [&["a", "root.a", "b"][..], &["b", "root.b"], &["root.a"], &["a"], &["n"]][number % 5];
        let fields = keys.join(", ");
        let _ = write!(
            text,
            "        - Name: last\n          Sampler:\n            DynamicSampler:\n              \
             SampleRate: 3\n              ClearFrequency: 1s\n              FieldList: [{fields}]\n"
        );
        let is_finite = |trace: &Trace| !format!("{trace:?}").contains("NaN");
        let traces: Vec<Trace> = (0..300).map(|_| trace(&mut chance)).filter(is_finite).collect();
        let lines: String = traces.iter().map(|trace| trace_text::write(trace) + "\n").collect();
        let folder = Folder::new(&[("rules.yaml", &text), ("t.jsonl", &lines)]);
        for route in ["otlp", "json", "msgpack"] {
            let ran = thin(&folder, "t.jsonl", &["--route", route]);
            let arguments = ["--route", route, "--interval", "100ms"];
            let [before, after] =
                ["t.jsonl", "thin.jsonl"].map(|file| decisions(&folder, file, &arguments));
            // Where a key without one field equals one without another.
            if ran.errors.contains("error: dynamic samplers count") && keys.len() > 1 {
                assert_eq!(ran.status, 1, "{ran:?}");
                let of_rules = |all: &[[String; 4]]| -> Vec<String> {
                    all.iter().map(|[rule, ..]| rule.clone()).collect()
                };
                assert_eq!(of_rules(&before), of_rules(&after), "{text}");
                regrouped += 1;
            } else {
                assert_eq!(ran.status, 0, "{}\n{text}", ran.errors);
                assert_same(&before, &after, &format!("{route}\n{text}"));
            }
        }
    }
    assert!((1..50).contains(&regrouped), "{regrouped}");
}

#[test]
fn nested_fields_are_cut_to_the_paths_that_rules_ask() {
    let rules = "RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      CheckNestedFields: true
      Rules:
        - Name: user
          SampleRate: 2
          Conditions:
            - {Field: user.plan.name, Operator: '=', Value: gold}
            - {Field: user.age, Operator: '>=', Value: 18, Datatype: int}
        - Name: list
          SampleRate: 3
          Conditions: [{Field: items.1, Operator: exists}]
";
    let users = [
        r#"{"user":{"plan":{"name":"gold","id":"anna"},"age":40,"name":"anna"},"x":{"y":"anna"}}"#,
        r#"{"user":{"plan":{"name":"anna"},"age":40}}"#,
        r#"{"user":{"plan":"anna","age":17},"items":["a","b"]}"#,
        r#"{"user":"anna","items":["a"]}"#,
        r#"{"user.age":19,"user.plan.name":"gold"}"#,
    ];
    let line = |fields| format!("{{\"id\":\"t\",\"spans\":[{{\"fields\":{fields}}}]}}\n");
    let text: String = users.map(line).concat();
    let folder = Folder::new(&[("rules.yaml", rules), ("t.jsonl", &text)]);
    let ran = thin(&folder, "t.jsonl", &[]);
    assert!(!ran.output.contains("anna"), "{}", ran.output);
    assert!(ran.output.contains(r#"{"user":{"age":40,"plan":{"name":"gold"}}}"#), "{}", ran.output);
    let [before, after] = ["t.jsonl", "thin.jsonl"].map(|file| decisions(&folder, file, &[]));
    assert_same(&before, &after, &ran.output);
    let rates: Vec<&str> = before.iter().map(|[_, rate, ..]| rate.as_str()).collect();
    assert_eq!(rates, ["2", "1", "3", "1", "2"]);
    // A wildcard may find anything.
    let rules = rules.replace("user.age", "user.a*");
    let folder = Folder::new(&[("rules.yaml", &rules), ("t.jsonl", &text)]);
    let ran = thin(&folder, "t.jsonl", &[]);
    assert!(ran.output.contains("anna") && ran.errors.contains("`user`: 4 unchanged"), "{ran:?}");
}

#[test]
fn exports_and_batches_become_plain_traces_in_the_order_of_time() {
    let rules = RULES
        .replace("  shop:", "  __default__x:")
        .replace("__default__:", "other:")
        .replace("__default__x:", "__default__:");
    let span = |id: &str, parent: &str, end: u64, code: u64| {
        format!(
            r#"{{"traceId":"{id}","spanId":"{end:016x}","parentSpanId":"{parent}","name":"anna","endTimeUnixNano":"{end}","attributes":[{{"key":"http.status_code","value":{{"intValue":"{code}"}}}},{{"key":"user.id","value":{{"stringValue":"anna"}}}}]}}"#
        )
    };
    let [one, two] = ["0af7651916cd43dd8448eb211c80319c", "1af7651916cd43dd8448eb211c80319c"];
    let spans = [
        span(one, "", 3_000_000_000, 200),
        span(two, "", 1_000_000_000, 503),
        span(one, "00f067aa0ba902b7", 2_000_000_000, 404),
    ]
    .join(",");
    let export = format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"anna"}}}}]}},"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#
    );
    let batch = r#"[{"time":"2026-03-01T10:00:01Z","data":{"trace.trace_id":"a","http.status_code":200,"plan":"anna"}},{"time":"2026-03-01T10:00:00Z","data":{"trace.trace_id":"b","http.status_code":500}}]"#;
    for (text, rules_of) in [(export.as_str(), ["errors", "rest"]), (batch, ["errors", "rest"])] {
        let folder = Folder::new(&[("rules.yaml", &rules), ("t.json", text)]);
        let ran = thin(&folder, "t.json", &[]);
        assert_eq!(ran.status, 0, "{ran:?}");
        assert!(!ran.output.contains("anna"), "{}", ran.output);
        let after = decisions(&folder, "thin.jsonl", &[]);
        let found: Vec<&str> = after.iter().map(|[rule, ..]| rule.trim_matches('"')).collect();
        assert_eq!(found, rules_of, "{}", ran.output);
        let mut before = decisions(&folder, "t.json", &[]);
        before.reverse();
        assert_same(&before, &after, &ran.output);
        let times: Vec<String> = ran
            .output
            .lines()
            .skip(1)
            .map(|line| serde_json::from_str::<Json>(line).unwrap()["time"].to_string())
            .collect();
        assert!(times[0] < times[1] && times[0].starts_with('"'), "{times:?}");
        // The types of numbers stay those of the route.
        assert_eq!(ran.output.contains("200.0"), text.starts_with('['), "{}", ran.output);
    }
}

#[test]
fn values_that_json_cannot_state_are_an_error() {
    let field = |number: u8, bytes: &[u8]| {
        [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()], bytes].concat()
    };
    let number = [&[4 << 3 | 1][..], &f64::NAN.to_le_bytes()].concat();
    let attribute = [field(1, b"x"), field(2, &number)].concat();
    let span = [field(1, &[7; 16]), field(2, &[7; 8]), field(9, &attribute)].concat();
    let export = field(1, &field(2, &field(2, &span)));
    let both = |value: u8| format!("{{Field: x, Operator: '=', Value: {value}}}");
    let rules = format!(
        "RulesVersion: 2\nSamplers:\n  __default__:\n    RulesBasedSampler:\n      Rules:\n        - Name: n\n          \
         SampleRate: 2\n          Conditions: [{}, {}]\n",
        both(5),
        both(6)
    );
    let folder = Folder::new(&[("rules.yaml", &rules)]);
    folder.write("t.pb", &export);
    let ran = thin(&folder, "t.pb", &[]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.errors.contains("error: 1 of them are decided differently"), "{ran:?}");
}

/// Rules of `__default__` with one rule before the last.
fn asking(condition: &str) -> String {
    format!(
        "RulesVersion: 2\nSamplers:\n  __default__:\n    RulesBasedSampler:\n      Rules:\n        \
         - {{Name: some, Drop: true, Conditions: [{condition}]}}\n        - {{Name: rest, SampleRate: 2}}\n"
    )
}

#[test]
fn rules_that_need_other_data_are_reported() {
    const SLOW: &str =
        "{Field: ms, Operator: '>', Value: 900}, {Field: route, Operator: '=', Value: /a}";
    let trace = |id: &str, fields: &str| {
        format!(r#"{{"id":"{id}","spans":[{{"root":true,"fields":{{{fields}}}}}]}}"#)
    };
    let traces = [
        trace("a", r#""ms":1000,"route":"/a","error":true"#),
        trace("b", r#""ms":5,"route":"/b""#),
    ];
    let (old, traces) = (asking(SLOW), traces.join("\n"));
    let folder =
        Folder::new(&[("rules.yaml", &old), ("old/rules.yaml", &old), ("t.jsonl", &traces)]);
    let thinned = thin(&folder, "t.jsonl", &[]);
    let first = thinned.output.lines().next().unwrap();
    assert_eq!(
        first,
        r#"{"thinned_for":{"fields":{"ms":{"numbers":true},"route":{"comparisons":["= \"/a\""]}}}}"#
    );
    for (new, said) in [
        (SLOW, None),
        ("{Field: ms, Operator: '<=', Value: 7}, {Field: route, Operator: exists}", None),
        ("{Field: error, Operator: exists}", Some(("`error` was left out", "left-out"))),
        (
            "{Field: route, Operator: '=', Value: /b}",
            Some(("values of `route` were replaced", "values-changed")),
        ),
    ] {
        folder.write("new/rules.yaml", asking(new).as_bytes());
        let plan = ["plan", "new", "--against", "old", "--traffic", "__default__=thin.jsonl"];
        let ran = folder.run(&plan);
        let warning = "warning: the recording was thinned for other rules: ";
        let shown = ran.output.split(warning).nth(1).and_then(|rest| rest.lines().next());
        assert_eq!((shown, ran.status), (said.map(|(text, _)| text), 0), "{new}: {}", ran.output);
        // Limits that cannot be checked are not met.
        let ran = folder
            .run(&[&plan[..], &["--fail-on", "flips>100%", "--output-format", "json"]].concat());
        assert_eq!(ran.status, i32::from(said.is_some()), "{new}: {}", ran.output);
        let plan = crate::plan_files::valid(&ran);
        let why = &plan["deployments"][0]["targets"][0]["traffic"]["missing_data"][0]["why"];
        assert_eq!(why.as_str(), said.map(|(_, word)| word), "{new}");
        let ran = folder.run(&["trace", "thin.jsonl", "-r", "new/rules.yaml"]);
        assert_eq!(
            ran.errors.contains("thinned for other rules"),
            said.is_some(),
            "{}",
            ran.errors
        );
        folder.write(
            "new/a.preflight.yaml",
            b"target: __default__\ntests:\n- {name: x, traces: ../thin.jsonl, expect: {kept: 0%..100%}}\n",
        );
        let ran = folder.run(&["test", "new"]);
        assert_eq!(ran.status, i32::from(said.is_some()), "{new}: {}", ran.output);
    }
}

#[test]
fn thinning_again_does_not_bring_fields_back() {
    let old = asking("{Field: ms, Operator: '>', Value: 900}");
    let text = r#"{"id":"a","spans":[{"root":true,"fields":{"ms":1000,"error":true}}]}"#;
    let folder = Folder::new(&[("rules.yaml", &old), ("t.jsonl", text)]);
    thin(&folder, "t.jsonl", &[]);
    folder.write("rules.yaml", asking("{Field: error, Operator: exists}").as_bytes());
    let again = folder.run(&["traffic", "thin", "thin.jsonl", "-r", "rules.yaml"]);
    assert!(again.errors.contains("`error` was left out"), "{again:?}");
    assert_eq!(again.output.lines().next(), Some(r#"{"thinned_for":{"fields":{}}}"#));
}

#[test]
fn a_wrong_first_line_is_an_error() {
    let folder = Folder::new(&[("rules.yaml", &asking("{Field: a, Operator: exists}"))]);
    folder.write("t.jsonl", b"{\"thinned_for\": 5}\n");
    let ran = folder.run(&["trace", "t.jsonl", "-r", "rules.yaml"]);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(ran.errors.contains("line 1, column"), "{}", ran.errors);
}
