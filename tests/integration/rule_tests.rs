//! The `test` command: passing and failing tests, coverage, formats.

use crate::program::Folder;
use crate::rule_test_files::{RULES, findings, run, run_file, trace};
use serde_json::Value as Json;
use std::fmt::Write;

#[test]
fn tests_that_hold_pass() {
    let tests = [
        ("http.status_code: 503", "keep: always, rule: errors"),
        ("http.status_code: 503", "keep: 1 in 1"),
        ("http.route: /health", "keep: never"),
        ("duration_ms: 1001", "keep: 1 in 7, rule: slow"),
        ("", "keep: 1 in 50"),
        ("http.status_code: \"503\"", "rule: rest"),
    ];
    let all: String = tests.iter().map(|(fields, expected)| trace(fields, expected)).collect();
    let ran = run(&all, &[]);
    assert_eq!((ran.output.as_str(), ran.status), ("✔ 6 tests passed\n", 0), "{}", ran.errors);
    for (number, (fields, _)) in tests.iter().enumerate() {
        let other = if number == 4 { "keep: 1 in 49" } else { "keep: 1 in 50" };
        let ran = run(&trace(fields, other), &[]);
        let fails = number != 5;
        assert_eq!(ran.status, i32::from(fails), "{fields}: {}", ran.output);
    }
}

/// The root span and the ID of a trace, in tests and in plain traces.
#[test]
fn metadata_that_refinery_sets_is_known() {
    let rules = "RulesVersion: 2
Samplers:
  __default__:
    DeterministicSampler:
      SampleRate: 10
  production:
    RulesBasedSampler:
      Rules:
        - Name: roots
          Drop: true
          Scope: span
          Conditions:
            - {Field: meta.refinery.root, Operator: '=', Value: true}
            - {Field: meta.trace_id, Operator: exists}
            - {Field: x, Operator: exists}
        - Name: rest
          SampleRate: 50
";
    let tests = "target: production
tests:
  - {name: one, trace: [{x: 1}, {}], expect: {rule: roots}}
  - {name: two, trace: [{}, {x: 1}], expect: {rule: rest}}
  - {name: three, trace: [{root: false, x: 1}], expect: {rule: rest}}
  - {name: four, trace: [{x: 1, meta.refinery.root: true}], expect: {rule: roots}}
  - {name: five, for-all: [{any-span: {meta.refinery.root: true, x: exists}}], expect: {rule: roots}}
";
    let plain = r#"{"id":"t","spans":[{"root":true,"fields":{"x":1}}]}"#;
    let files = [
        ("rules.yaml", rules),
        ("a.preflight.yaml", tests),
        ("traces.jsonl", &format!("{plain}\n")),
    ];
    let folder = Folder::new(&files);
    let ran = folder.run(&["test"]);
    assert_eq!((ran.output.as_str(), ran.status), ("✔ 5 tests passed\n", 0), "{}", ran.errors);
    let traced =
        folder.run(&["trace", "-r", "rules.yaml", "--target", "production", "traces.jsonl"]);
    assert!(traced.output.contains("roots"), "{traced:?}");
}

#[test]
fn the_default_target_decides_by_its_rate_not_by_the_id() {
    let file = |keep| {
        format!(
            "target: __default__\ntests: [{{name: x, trace: [{{}}], expect: {{keep: {keep}}}}}]"
        )
    };
    for (keep, status) in [("1 in 10", 0), ("never", 1), ("always", 1)] {
        assert_eq!(run_file(&file(keep), &[], &[]).status, status, "{keep}");
    }
}

#[test]
fn a_failure_shows_the_expectation_and_what_decided() {
    let tests = trace("http.route: /health, cached: true, http.status_code: 499", "keep: never");
    let ran = run(&tests, &[]);
    assert_eq!(ran.status, 1);
    for part in [
        "error[test/failed]: `one`: the trace is kept 1 in 50: `rest` decides",
        "a.preflight.yaml:5:20",
        "`errors` does not match here",
        "`health` does not match here",
        "decides: kept 1 in 50",
        "`errors`: no span has",
        "✘ 1 of 1 test failed",
    ] {
        assert!(ran.output.contains(part), "{part}\n{}", ran.output);
    }
    let text = format!("target: production\ntests:\n{tests}");
    let findings = findings(&text, &[], &[]);
    let lines: Vec<(String, u64)> = findings[0]["labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| (l["file"].as_str().unwrap().to_owned(), l["start"]["line"].as_u64().unwrap()))
        .collect();
    let rules = |line| ("rules.yaml".to_owned(), line);
    // The expectation, the deciding rule, and the conditions that do not hold.
    let expected = [("a.preflight.yaml".to_owned(), 5), rules(33), rules(12), rules(22), rules(26)];
    assert_eq!(lines, expected);
}

#[test]
fn the_report_explains_why_the_expected_rule_does_not_decide() {
    let later = run(&trace("http.status_code: 500, http.route: /health", "rule: health"), &[]);
    assert!(later.output.contains("move `health` before `errors`"), "{}", later.output);
    assert!(later.output.contains("not reached"), "{}", later.output);
    let earlier = run(&trace("http.status_code: 499", "rule: errors"), &[]);
    assert!(earlier.output.contains("`errors` does not match: no span has"), "{}", earlier.output);
    assert_eq!((later.status, earlier.status), (1, 1));
}

#[test]
fn the_root_span_is_the_first_or_the_marked_one() {
    let spans = |first: &str, second: &str, rule: &str| {
        format!(
            "  - name: x\n    trace: [{{{first}}}, {{{second}}}]\n    expect: {{rule: {rule}}}\n"
        )
    };
    for (first, second, rule) in [
        ("cached: true", "http.route: /health", "rest"),
        ("http.route: /health", "cached: true", "health"),
        ("http.route: /health", "cached: true, root: true", "rest"),
        ("http.route: /health, cached: true, root: false", "", "health"),
        ("http.route: /health, cached: true", "root: false", "health"),
    ] {
        let ran = run(&spans(first, second, rule), &[]);
        assert_eq!(ran.status, 0, "{first} {second}: {}", ran.output);
    }
}

#[test]
fn numbers_have_the_types_of_the_route() {
    let file = |route: &str, rule: &str| {
        let test = trace("http.status_code: 503", &format!("rule: {rule}"));
        format!("target: production\nroute: {route}\ntests:\n{test}")
    };
    // Refinery does not compare unsigned integers with numbers.
    for (route, rule) in [("otlp", "errors"), ("json", "errors"), ("msgpack", "rest")] {
        let ran = run_file(&file(route, rule), &[], &[]);
        assert_eq!(ran.status, 0, "{route}: {}", ran.output);
    }
}

const RECORDED: &str = r#"{"id":"a","spans":[{"root":true,"fields":{"http.route":"/health"}}]}
{"id":"b","spans":[{"root":true,"fields":{"http.route":"/cart"}}]}
{"id":"c","spans":[{"root":true,"fields":{"http.status_code":500}}]}
"#;

#[test]
fn recorded_traces_are_decided_one_by_one() {
    let files = [("captured/t.jsonl", RECORDED)];
    let test = |expected: &str| {
        format!("  - {{name: x, traces: captured/t.jsonl, expect: {{{expected}}}}}\n")
    };
    let ran = run(&test("keep: never"), &files);
    let message =
        "trace `b` is kept 1 in 50: `rest` decides (2 of 3 traces are not as\n  expected)";
    assert!(ran.output.contains(message), "{}", ran.output);
    // (0 + 1/50 + 1) / 3.
    for (kept, status) in [("34%..34.1%", 0), ("34%", 0), ("0%..33.9%", 1), ("34.1%..100%", 1)] {
        let ran = run(&test(&format!("kept: {kept}")), &files);
        assert_eq!(ran.status, status, "{kept}: {}", ran.output);
    }
}

#[test]
fn statements_are_proved_or_refuted() {
    let test = |conditions: &str, expected: &str| {
        format!("  - {{name: x, for-all: [{conditions}], expect: {{{expected}}}}}\n")
    };
    for (conditions, expected, status, part) in [
        ("{any-span: {http.status_code: \">= 500\"}}", "keep: always, rule: errors", 0, ""),
        ("{any-span: {http.status_code: \">= 499\"}}", "keep: always", 1, "counter-example"),
        ("{any-span: {http.route: /health}}", "keep: never", 1, "counter-example: trace: [{"),
        (
            "{any-span: {http.route: /health}, no-span: {http.status_code: exists}}, \
             {root: {cached: not-exists}}",
            "keep: never",
            0,
            "",
        ),
        ("{any-span: {duration_ms: \"> 1000\"}}", "keep: always", 1, "counter-example"),
        ("{any-span: {a: \"= 1\"}, no-span: {a: exists}}", "keep: always", 1, "no trace meets"),
        ("", "keep: always", 1, "counter-example"),
    ] {
        let ran = run(&test(conditions, expected), &[]);
        assert_eq!(ran.status, status, "{conditions}: {}", ran.output);
        assert!(ran.output.contains(part), "{conditions}: {}", ran.output);
    }
}

#[test]
fn rules_that_do_not_load_fail_their_tests() {
    let test = format!("target: production\ntests:\n{}", trace("", "keep: 1 in 50"));
    let files =
        [("rules.yaml", "RulesVersion: 2\nSamplers:\n x: [\n"), ("a.preflight.yaml", &test)];
    let ran = Folder::new(&files).run(&["test"]);
    assert_eq!(ran.status, 1);
    assert!(ran.output.contains("error[syntax/invalid-yaml]"), "{}", ran.output);
    assert!(ran.output.contains("error[test/rules-not-loaded]"), "{}", ran.output);
    assert!(ran.output.ends_with("✘ 1 of 1 test could not run\n"), "{}", ran.output);
}

#[test]
fn a_target_that_crashes_refinery_passes_no_test() {
    let rules = "RulesVersion: 2
Samplers:
  __default__: {DeterministicSampler: {SampleRate: 1}}
  dead: {RulesBasedSampler: {Rules: [{Name: a, Sampler: {}}]}}
";
    for subject in ["trace: [{}]", "for-all: []"] {
        let test = format!("target: dead\ntests: [{{name: x, {subject}, expect: {{rule: a}}}}]\n");
        let files = [("rules.yaml", rules), ("a.preflight.yaml", test.as_str())];
        let ran = Folder::new(&files).run(&["test"]);
        assert_eq!(ran.status, 1);
        let message = "`x`: Refinery exits: a rule's sampler is empty";
        assert!(ran.output.contains(message), "{}", ran.output);
    }
}

#[test]
fn before_2_8_statements_are_undecided() {
    let test = "target: production\ntests:\n  - {name: x, for-all: [{any-span: {http.route: /health}}], \
                expect: {keep: never}}\n";
    let ran = run_file(test, &[], &["--refinery", "2.5"]);
    assert_eq!(ran.status, 1);
    assert!(ran.output.contains("error[test/unproved]"), "{}", ran.output);
}

#[test]
fn the_rules_file_is_the_only_one_in_the_folder_or_named() {
    let test = trace("", "keep: 1 in 50");
    let lone = format!("target: production\ntests:\n{test}");
    let none = Folder::new(&[("a.preflight.yaml", &lone)]).run(&["test"]);
    assert!(none.output.contains("no rules file in the same folder"), "{}", none.output);
    let two = run_file(&lone, &[("rules2.yaml", RULES)], &[]);
    assert!(two.output.contains("2 rules files in the same folder"), "{}", two.output);
    assert_eq!((none.status, two.status), (1, 1));
    let named = format!("target: production\nrules: ../rules2.yaml\ntests:\n{test}");
    let files = [("rules2.yaml", RULES), ("tests/b.preflight.yaml", &named)];
    let ran = Folder::new(&files).run(&["test", "tests/b.preflight.yaml"]);
    assert_eq!(ran.output, "✔ 1 test passed\n");
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: refinery\ndata:\n  rules.yaml: |\n{}",
        RULES.lines().map(|line| ["    ", line, "\n"].concat()).collect::<String>()
    );
    let embedded = format!("target: production\nrules: map.yaml\ntests:\n{test}");
    let files = [("map.yaml", map.as_str()), ("b.preflight.yaml", &embedded)];
    let ran = Folder::new(&files).run(&["test"]);
    assert_eq!(ran.output, "✔ 1 test passed\n");
}

#[test]
fn without_tests_it_is_wrong_use() {
    let ran = Folder::new(&[("rules.yaml", RULES)]).run(&["test"]);
    assert_eq!((ran.output.as_str(), ran.status), ("", 2));
    assert!(ran.errors.contains("no tests of rules in `.`"), "{}", ran.errors);
    let ran = Folder::new(&[]).run(&["test", "none.preflight.yaml"]);
    assert_eq!(ran.status, 2);
}

#[test]
fn coverage_counts_rules_and_outcomes() {
    let tests = trace("http.status_code: 500", "keep: always")
        + &trace("http.route: /health", "keep: never")
        + &trace("http.route: /health, cached: true", "keep: 1 in 50");
    let text = format!("target: production\ntests:\n{tests}");
    // Of `errors` both outcomes, of `health` all but the first condition false, of `slow` only
    // false: 3 of 4 rules, 6 of 8 outcomes.
    let ran = run_file(&text, &[], &["--coverage"]);
    let line = "· the tests exercise 3 of 4 rules and 6 of 8 condition outcomes (75 %)\n";
    assert!(ran.output.contains(line), "{}", ran.output);
    assert_eq!(ran.status, 0);
    let notes = findings(&text, &[], &["--coverage"]);
    let texts: Vec<&str> = notes
        .iter()
        .flat_map(|note| note["labels"].as_array().unwrap())
        .map(|label| label["text"].as_str().unwrap())
        .collect();
    let expected = [
        "`http.route = /health`: never false",
        "decides no trace",
        "`duration_ms > 1000`: never true",
    ];
    assert_eq!(texts, expected);
    assert_eq!(run_file(&text, &[], &["--fail-under", "75"]).status, 0);
    let low = run_file(&text, &[], &["--fail-under", "76"]);
    assert_eq!(low.status, 1);
    assert!(low.output.contains("error[test/low-coverage]"), "{}", low.output);
}

#[test]
fn changes_that_no_test_notices_are_named() {
    let text = format!(
        "target: production\ntests:\n{}{}",
        trace("http.status_code: 500", "keep: always"),
        trace("http.route: /health", "keep: never"),
    );
    let notes = findings(&text, &[], &["--mutate"]);
    let told: Vec<(&str, Vec<&str>)> = notes
        .iter()
        .map(|note| {
            let labels = note["labels"].as_array().unwrap().iter();
            let texts = labels.map(|label| label["text"].as_str().unwrap()).collect();
            (note["message"].as_str().unwrap(), texts)
        })
        .collect();
    let expected = [
        // Neither test has a failed health check, and both have a rule for its own trace.
        ("no test notices a change of `errors` of `production`", vec!["moved after `health`"]),
        (
            "no test notices 3 changes of `health` of `production`",
            vec!["moved after `slow`", "deleted", "deleted"],
        ),
        (
            "no test notices 3 changes of `slow` of `production`",
            vec!["deleted, moved after `rest`", "deleted"],
        ),
        ("no test notices 2 changes of `rest` of `production`", vec!["deleted, kept 1 in 100"]),
    ];
    assert_eq!(told, expected);
    let ran = run_file(&text, &[], &["--mutate"]);
    // Of 14 changes: `errors` deleted, doubled and without its condition, `health` deleted and kept.
    assert!(
        ran.output.contains("· the tests notice 5 of 14 changes of the rules\n"),
        "{}",
        ran.output
    );
    assert_eq!(ran.status, 0);
    let failing = run_file(&text.replace("never", "always"), &[], &["--mutate"]);
    assert!(failing.output.contains("if all tests pass"), "{}", failing.output);
}

#[test]
fn changes_without_effect_do_not_count() {
    // Whether the two rules for one value are swapped makes no difference.
    let rules = "RulesVersion: 2
Samplers:
  __default__: {DeterministicSampler: {SampleRate: 1}}
  t:
    RulesBasedSampler:
      Rules:
        - {Name: a, Drop: true, Conditions: [{Field: root.x, Operator: '=', Value: one}]}
        - {Name: b, Drop: true, Conditions: [{Field: root.x, Operator: '=', Value: two}]}
";
    let test = "target: t\ntests:\n\
                \x20 - {name: a, trace: [{x: one}], expect: {keep: never}}\n\
                \x20 - {name: b, trace: [{x: two}], expect: {keep: never}}\n\
                \x20 - {name: c, trace: [{x: three}], expect: {keep: always}}\n";
    let files = [("rules.yaml", rules), ("a.preflight.yaml", test)];
    let ran = Folder::new(&files).run(&["test", "--mutate"]);
    let expected = "· the tests notice 6 of 6 changes of the rules\n✔ 3 tests passed\n";
    assert_eq!(ran.output, expected);
}

#[test]
fn test_files_are_never_taken_for_refinerys() {
    let test = trace("", "keep: never");
    let files = [("rules.yaml", RULES), ("elsewhere/rules.preflight.yaml", test.as_str())];
    let ran = Folder::new(&files).run(&["check", "--output-format", "json"]);
    let report: Json = serde_json::from_str(&ran.output).unwrap();
    let files = report["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["name"] == "elsewhere/rules.preflight.yaml").unwrap();
    assert_eq!(
        (&file["outcome"], &file["reason"]),
        (&"not-refinery".into(), &"tests of rules".into())
    );
}

#[test]
fn the_schema_accepts_what_the_command_accepts() {
    let schema = Folder::new(&[]).run(&["schema", "test"]).output;
    let schema: Json = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let test = |test: &str| format!(r#"{{"target": "t", "tests": [{test}]}}"#);
    for (text, is_valid) in [
        (test(r#"{"name": "x", "trace": [{"a": 1}], "expect": {"keep": "1 in 5"}}"#), true),
        (
            test(
                r#"{"name": "x", "for-all": [{"root": {"a": "exists"}}], "expect": {"rule": "r"}}"#,
            ),
            true,
        ),
        (
            test(r#"{"name": "x", "traces": "f", "every": "1s", "expect": {"kept": "5%..12%"}}"#),
            true,
        ),
        (test(r#"{"name": "x", "expect": {"keep": "always"}}"#), false),
        (
            test(r#"{"name": "x", "trace": [{}], "traces": "f", "expect": {"keep": "always"}}"#),
            false,
        ),
        (test(r#"{"name": "x", "trace": [{}], "expect": {"keep": "often"}}"#), false),
        (test(r#"{"name": "x", "trace": [{}], "expect": {}}"#), false),
        (r#"{"tests": []}"#.to_owned(), false),
    ] {
        let json: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(validator.is_valid(&json), is_valid, "{text}");
    }
}

#[test]
fn every_format_names_the_failure() {
    let text = format!("target: production\ntests:\n{}", trace("", "keep: never"));
    for format in [
        "human",
        "short",
        "json",
        "json-lines",
        "sarif",
        "github",
        "gitlab",
        "azure",
        "rdjson",
        "checkstyle",
        "junit",
        "markdown",
    ] {
        let ran = run_file(&text, &[], &["--output-format", format]);
        assert_eq!(ran.status, 1, "{format}");
        assert!(ran.output.contains("test/failed"), "{format}: {}", ran.output);
        assert!(ran.output.contains("kept 1 in 50"), "{format}: {}", ran.output);
    }
}

/// How many changes of rules have an effect: each rule with its rate and the fields that it compares.
#[test]
fn only_changes_with_an_effect_count() {
    type Rules<'r> = &'r [(u32, &'r [(&'r str, &'r str)])];
    let both: &[_] = &[("f", "a"), ("g", "b")];
    let cases: [(Rules<'_>, usize); 3] = [
        // The first: deleted, moved, another rate. The second: without its first condition. The last:
        // another rate.
        (&[(1, &[("f", "a")]), (10, both), (1, &[])], 5),
        // A rule between two others decides like the first, so that only the rates of three rules
        // matter, and a condition of the third.
        (&[(1, &[("f", "a")]), (1, &[("f", "*")]), (10, &[("f", "a")]), (1, &[])], 4),
        // Without one of its conditions, the first decides like the last.
        (&[(1, both), (10, both), (1, &[])], 6),
    ];
    for (rules, effective) in cases {
        let mut text = String::from(
            "RulesVersion: 2\nSamplers:\n  __default__:\n    RulesBasedSampler:\n      Rules:\n",
        );
        for (number, (rate, conditions)) in rules.iter().enumerate() {
            writeln!(text, "        - Name: r{number}\n          SampleRate: {rate}").unwrap();
            if !conditions.is_empty() {
                text.push_str("          Conditions:\n");
            }
            for (field, value) in *conditions {
                let test = match *value {
                    "*" => "exists".to_owned(),
                    value => format!("'=', Value: {value}"),
                };
                writeln!(text, "            - {{Field: {field}, Operator: {test}}}").unwrap();
            }
        }
        let tests =
            "target: __default__\ntests:\n  - {name: x, trace: [{}], expect: {keep: always}}\n";
        let folder = Folder::new(&[("rules.yaml", &text), ("a.preflight.yaml", tests)]);
        let ran = folder.run(&["test", "--mutate"]);
        let expected = format!("of {effective} changes");
        assert!(ran.output.contains(&expected), "{text}\n{}", ran.output);
    }
}
