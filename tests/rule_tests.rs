//! The `test` command: passing and failing tests, bad test files, coverage, formats.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop where it fails")]

mod program;

use program::{Folder, Ran};
use serde_json::Value as Json;

const RULES: &str = "RulesVersion: 2
Samplers:
  __default__:
    DeterministicSampler:
      SampleRate: 10
  production:
    RulesBasedSampler:
      Rules:
        - Name: errors
          SampleRate: 1
          Conditions:
            - Field: http.status_code
              Operator: '>='
              Value: 500
        - Name: health
          Drop: true
          Scope: span
          Conditions:
            - Field: http.route
              Operator: '='
              Value: /health
            - Field: root.cached
              Operator: not-exists
        - Name: slow
          Conditions:
            - Field: duration_ms
              Operator: '>'
              Value: 1000
          Sampler:
            EMADynamicSampler:
              GoalSampleRate: 7
              FieldList: [http.route]
        - Name: rest
          SampleRate: 50
";

/// Runs a test file of this text, for the target `production`.
fn run(tests: &str, more: &[(&str, &str)]) -> Ran {
    let text = format!("target: production\ntests:\n{tests}");
    run_file(&text, more, &[])
}

fn run_file(text: &str, more: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let files = [&[("rules.yaml", RULES), ("a.preflight.yaml", text)], more].concat();
    Folder::new(&files).run(&[&["test"], arguments].concat())
}

/// The findings of a run in its JSON report, with the texts of their labels.
fn findings(text: &str, more: &[(&str, &str)], arguments: &[&str]) -> Vec<Json> {
    let ran = run_file(text, more, &[&["--output-format", "json"], arguments].concat());
    let report: Json = serde_json::from_str(&ran.output).expect(&ran.errors);
    let deployments = report["deployments"].as_array().expect("deployments");
    let findings = deployments.iter().flat_map(|d| d["findings"].as_array().expect("findings"));
    findings.cloned().collect()
}

fn trace(fields: &str, expected: &str) -> String {
    format!("  - name: one\n    trace: [{{{fields}}}]\n    expect: {{{expected}}}\n")
}

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
fn the_expected_rule_tells_why_it_does_not_decide() {
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
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_wrong_with_a_test_file_is_an_error_at_its_place() {
    let head = "target: production\ntests:\n";
    let good = "  - {name: x, trace: [{}], expect: {keep: 1 in 50}}\n";
    for (text, line, message, label) in [
        (
            format!("{head}  - {{name: x, trace: [{{}}], expect: {{kep: never}}}}"),
            3,
            "unknown key `kep` in `expect`",
            "did you mean `keep`?",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}]}}"),
            3,
            "missing required key `expect`",
            "add it here",
        ),
        (
            format!("{head}  - {{name: x, expect: {{keep: never}}}}"),
            3,
            "a test needs `trace`, `traces` or `for-all`",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}], traces: y, expect: {{keep: never}}}}"),
            3,
            "a test has one of",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [], expect: {{keep: never}}}}"),
            3,
            "a trace needs a span",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [5], expect: {{keep: never}}}}"),
            3,
            "a span must be a mapping of fields, not an integer",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{root: 1}}], expect: {{keep: never}}}}"),
            3,
            "`root` must be a boolean",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}], expect: {{keep: sometimes}}}}"),
            3,
            "invalid value `sometimes` for `keep`",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}], expect: {{}}}}"),
            3,
            "`expect` needs `keep`, `rule` or `kept`",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}], expect: {{kept: 5%}}}}"),
            3,
            "`kept` is a share of recorded traces",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}], expect: {{rule: eror}}}}"),
            3,
            "no rule `eror` in the target `production`",
            "did you mean `errors`?",
        ),
        (
            format!("{head}  - {{name: x, traces: no.jsonl, expect: {{keep: never}}}}"),
            3,
            "no such file: `no.jsonl`",
            "",
        ),
        (
            format!("{head}  - {{name: x, traces: rules.yaml, expect: {{keep: never}}}}"),
            3,
            "invalid traces in `rules.yaml`: line 1",
            "",
        ),
        (
            format!("{head}  - {{name: x, for-all: [{{any: {{}}}}], expect: {{keep: never}}}}"),
            3,
            "unknown key `any`",
            "did you mean `any-span`?",
        ),
        (
            format!(
                "{head}  - {{name: x, for-all: [{{root: {{a: \"=> 5\"}}}}], expect: {{keep: never}}}}"
            ),
            3,
            "unknown operator `=>`",
            "",
        ),
        (format!("{head}{good}  - 5"), 4, "a test must be a mapping, not an integer", ""),
        (
            format!("target: prodution\ntests:\n{good}"),
            1,
            "no target `prodution` in the rules",
            "did you mean `production`?",
        ),
        (
            format!("target: production\nroute: http\ntests:\n{good}"),
            2,
            "unknown route `http`",
            "expected `otlp`, `json` or `msgpack`",
        ),
        (
            format!("target: production\nrules: other.yaml\ntests:\n{good}"),
            2,
            "no such file: `other.yaml`",
            "",
        ),
        (
            format!("target: production\nrules: ../../../etc/passwd\ntests:\n{good}"),
            2,
            "passwd",
            "",
        ),
        (
            format!("target: production\nrules: a.preflight.yaml\ntests:\n{good}"),
            2,
            "`a.preflight.yaml` has no rules that Refinery can load",
            "",
        ),
        (format!("tests:\n{good}"), 1, "missing required key `target` in a test file", ""),
        ("target: production\ntests: []".to_owned(), 2, "`tests` is empty", ""),
        (
            "target: production\ntests: 5".to_owned(),
            2,
            "`tests` must be a list, not an integer",
            "",
        ),
        ("[]".to_owned(), 1, "the file must be a mapping, not a list", ""),
        (String::new(), 1, "", ""),
        (
            format!("target: production\ntarget: production\ntests:\n{good}"),
            2,
            "duplicate key `target`",
            "",
        ),
        (format!("{head} x: y\n{good}"), 4, "", ""),
    ] {
        let found = findings(&text, &[], &[]);
        let wanted = |finding: &&Json| finding["message"].as_str().unwrap().contains(message);
        let finding = found.iter().find(wanted).unwrap_or_else(|| panic!("{text}\n{found:#?}"));
        let primary = &finding["labels"].as_array().unwrap()[0];
        assert_eq!(primary["start"]["line"], line, "{text}\n{finding:#}");
        assert_eq!(primary["file"], "a.preflight.yaml", "{text}");
        assert!(primary["text"].as_str().unwrap().contains(label), "{text}\n{finding:#}");
        let ran = run_file(&text, &[], &[]);
        assert_eq!(ran.status, 1, "{text}\n{}", ran.output);
        assert!(ran.output.ends_with("could not run\n"), "{text}\n{}", ran.output);
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
    assert!(failing.output.contains("when all tests pass"), "{}", failing.output);
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
fn check_leaves_test_files_alone() {
    let test = trace("", "keep: never");
    let files = [("rules.yaml", RULES), ("rules.preflight.yaml", test.as_str())];
    let ran = Folder::new(&files).run(&["check", "--output-format", "json"]);
    let report: Json = serde_json::from_str(&ran.output).unwrap();
    let files = report["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["name"] == "rules.preflight.yaml").unwrap();
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
