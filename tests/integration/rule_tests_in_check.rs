//! Tests of rules that `check` and the hook run: which ones, in which state of the files.

use crate::program::{CONFIG, Folder};
use crate::repository::Repository;
use serde_json::Value as Json;

/// Rules that keep errors, and the rest at this rate.
fn rules(rate: u32) -> String {
    format!(
        "RulesVersion: 2\nSamplers:\n  __default__:\n    RulesBasedSampler:\n      Rules:\n        - \
         Name: errors\n          SampleRate: 1\n          Conditions:\n            - Field: error\n              \
         Operator: exists\n        - Name: rest\n          SampleRate: {rate}\n"
    )
}

/// A test that the rest is kept at this rate, for a file of rules or the only one beside it.
fn test(rules: &str, rate: u32) -> String {
    format!(
        "target: __default__\n{rules}tests:\n  - name: the rest\n    trace: [{{a: 1}}]\n    expect: \
         {{keep: 1 in {rate}}}\n"
    )
}

const TEST: &str = "deploy/a.preflight.yaml";

fn deployed(rate: u32, tested: u32) -> Repository {
    Repository::with(&[
        ("deploy/config.yaml", CONFIG),
        ("deploy/rules.yaml", &rules(rate)),
        (TEST, &test("", tested)),
    ])
}

/// The status, and the checks of all findings about tests.
fn check(repository: &Repository, arguments: &[&str]) -> (i32, Vec<String>) {
    let ran = repository.run(&[&["check", "--output-format", "json"], arguments].concat());
    assert_eq!(ran.errors, "", "{arguments:?}");
    (ran.status, checks(&ran.output))
}

fn checks(report: &str) -> Vec<String> {
    let report: Json = serde_json::from_str(report).unwrap();
    let deployments = report["deployments"].as_array().unwrap().iter();
    let findings = deployments.flat_map(|d| d["findings"].as_array().unwrap());
    let checks = findings.map(|finding| finding["check"].as_str().unwrap().to_owned());
    checks.filter(|check| check.starts_with("test/")).collect()
}

fn failed() -> (i32, Vec<String>) {
    (1, vec!["test/failed".to_owned()])
}

fn passed() -> (i32, Vec<String>) {
    (0, Vec::new())
}

#[test]
fn a_failing_test_blocks_but_is_not_a_verdict() {
    let repository = deployed(50, 40);
    assert_eq!(check(&repository, &[]), failed());
    let ran = repository.run(&["check", "--output-format", "json"]);
    let report: Json = serde_json::from_str(&ran.output).unwrap();
    let deployment = &report["deployments"][0];
    let verdict = &deployment["verdicts"][0];
    assert_eq!(
        (&verdict["start_up"], &verdict["live_reload"]),
        (&"ready".into(), &"accepted".into())
    );
    let labels = deployment["findings"][0]["labels"].as_array().unwrap();
    let places: Vec<_> =
        labels.iter().map(|l| (l["file"].as_str().unwrap(), l["start"]["line"].as_u64())).collect();
    assert_eq!(places[..2], [(TEST, Some(5)), ("deploy/rules.yaml", Some(11))]);
    let files = report["files"].as_array().unwrap();
    let outcome = files.iter().find(|file| file["name"] == TEST).unwrap();
    assert_eq!(
        (&outcome["outcome"], &outcome["deployments"]),
        (&"checked".into(), &Json::from(vec![0]))
    );
    // Anything that is not a verdict can be lowered.
    assert_eq!(check(&repository, &["--ignore", "test"]).0, 0);
    repository.write(".refinery-preflight.toml", "severity = {\"test/failed\" = \"warning\"}\n");
    assert_eq!(check(&repository, &[]).0, 0);
    for format in ["sarif", "github", "gitlab", "junit", "checkstyle", "markdown", "short", "azure"]
    {
        let ran = repository.run(&["check", "--output-format", format]);
        assert!(ran.output.contains("test/failed"), "{format}: {}", ran.output);
    }
}

#[test]
fn each_state_runs_its_own_tests() {
    let repository = deployed(50, 50);
    assert_eq!(check(&repository, &[]), passed());
    repository.write(TEST, &test("", 40));
    assert_eq!(check(&repository, &[]), failed());
    assert_eq!(check(&repository, &["--staged"]), passed());
    assert_eq!(check(&repository, &["--rev", "HEAD"]), passed());
    assert_eq!(check(&repository, &["--since", "HEAD"]), failed());
    assert_eq!(check(&repository, &["--since", "HEAD", "--staged"]), passed());
    repository.git(&["add", "."]);
    repository.write(TEST, &test("", 50));
    assert_eq!(check(&repository, &["--staged"]), failed());
    assert_eq!(check(&repository, &["--since", "HEAD", "--staged"]), failed());
    repository.write(TEST, &test("", 40));
    repository.commit_all("Expect another rate");
    assert_eq!(check(&repository, &["--rev", "HEAD"]), failed());
    assert_eq!(check(&repository, &["--rev", "HEAD~1"]), passed());
    let (status, found) = check(&repository, &["--since", "HEAD~1", "--rev", "HEAD"]);
    assert_eq!((status, found), failed());
    // Other commands do not run them.
    assert_eq!(repository.run(&["rehearse"]).status, 0);
    assert_eq!(repository.run(&["history"]).status, 0);
    assert_eq!(repository.run(&["plan", "--since", "HEAD~1"]).output, "no deployment changes\n");
}

#[test]
fn recorded_traces_are_those_of_the_state() {
    let repository = deployed(50, 50);
    let file =
        "target: __default__\ntests:\n  - {name: x, traces: t/t.jsonl, expect: {keep: always}}\n";
    let trace =
        |field: &str| format!("{{\"id\":\"a\",\"spans\":[{{\"fields\":{{\"{field}\":true}}}}]}}\n");
    repository.write(TEST, file);
    repository.write("deploy/t/t.jsonl", &trace("error"));
    repository.commit_all("Record");
    repository.write("deploy/t/t.jsonl", &trace("fine"));
    assert_eq!(check(&repository, &[]), failed());
    assert_eq!(check(&repository, &["--staged"]), passed());
    std::fs::remove_file(repository.path().join("deploy/t/t.jsonl")).unwrap();
    assert_eq!(check(&repository, &[]), (1, vec!["test/invalid".to_owned()]));
    assert_eq!(check(&repository, &["--rev", "HEAD"]), passed());
}

#[test]
fn the_hook_notices_changes_of_tests_and_of_rules() {
    let listed =
        "[[deployment]]\nconfig = [\"deploy/config.yaml\"]\nrules = [\"deploy/rules.yaml\"]\n";
    for settings in ["", listed] {
        let repository = deployed(50, 50);
        repository.write(".refinery-preflight.toml", settings);
        repository.commit_all("Settings");
        let hook = |status: i32| {
            repository.git(&["add", "."]);
            let ran = repository.run(&["hook", "run"]);
            assert_eq!(ran.status, status, "{settings}: {}", ran.all());
            let is_reported = ran.output.contains("error[test/failed]");
            assert_eq!(is_reported, status == 1, "{settings}: {}", ran.all());
        };
        repository.write(TEST, &test("", 40));
        hook(1);
        repository.write("deploy/rules.yaml", &rules(40));
        hook(0);
        repository.commit_all("Both");
        repository.write("deploy/rules.yaml", &rules(41));
        hook(1);
        repository.git(&["reset", "--quiet", "--hard"]);
        repository.write("readme.md", "x");
        hook(0);
        // A new file with tests, too.
        repository.write("deploy/b.preflight.yaml", &test("", 41));
        hook(1);
    }
}

#[test]
fn a_push_runs_the_tests_of_its_commits() {
    let repository = deployed(50, 50);
    let before = repository.git(&["rev-parse", "HEAD"]);
    repository.write(TEST, &test("", 40));
    repository.commit_all("Expect another rate");
    let tip = repository.git(&["rev-parse", "HEAD"]);
    let program = env!("CARGO_BIN_EXE_refinery-preflight");
    let arguments = ["hook", "run", "--hook", "pre-push", "--remote", "origin"];
    let mut command = repository.command(program, "", &arguments);
    command.write_stdin(format!("refs/heads/main {tip} refs/heads/main {before}\n"));
    let ran = crate::repository::Ran::of(&mut command);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains("error[test/failed]"), "{}", ran.output);
}

#[test]
fn settings_list_tests_in_other_folders() {
    let repository = deployed(50, 50);
    repository.write("tests/far.preflight.yaml", &test("rules: ../deploy/rules.yaml\n", 40));
    assert_eq!(check(&repository, &[]), passed());
    let settings = "tests = [\"tests/far.preflight.yaml\"]\n";
    repository.write(".refinery-preflight.toml", settings);
    assert_eq!(check(&repository, &[]), failed());
    repository.commit_all("List it");
    // A change cannot unlist it.
    repository.write(".refinery-preflight.toml", "");
    repository.write("deploy/rules.yaml", &rules(51));
    repository.write(TEST, &test("", 51));
    assert_eq!(check(&repository, &[]), passed());
    let ran = repository.run(&["check", "--since", "HEAD"]);
    assert!(ran.output.contains("error[test/failed]"), "{}", ran.output);
    assert!(ran.output.contains("the listed rule tests"), "{}", ran.output);
    for (tests, message) in [
        ("tests/none.preflight.yaml", "no such file: `tests/none.preflight.yaml`"),
        ("../x.preflight.yaml", "is outside the repository"),
    ] {
        repository.write(".refinery-preflight.toml", &format!("tests = [\"{tests}\"]\n"));
        let ran = repository.run(&["check"]);
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert!(ran.errors.contains(message), "{}", ran.errors);
    }
}

#[test]
fn tests_that_cannot_run_do_not_pass() {
    let (fifty, ten) = (rules(50), rules(10));
    for (files, message) in [
        (vec![(TEST, "target: __default__\ntests: []\n")], "empty"),
        (vec![(TEST, "")], "missing required key `tests`"),
        (vec![(TEST, "# later\n")], "missing required key `tests`"),
        (
            vec![(
                TEST,
                "target: production\ntests:\n- {name: a, trace: [{}], expect: {keep: never}}\n",
            )],
            "production",
        ),
        (vec![(TEST, "tarjet: x\n")], "unknown key `tarjet`"),
        (vec![(TEST, "target: [\n")], "test/invalid"),
        (vec![(TEST, &*test("rules: nowhere.yaml\n", 50))], "no such file"),
        (
            vec![(TEST, &*test("", 50)), ("deploy/more-rules.yaml", &*ten)],
            "2 rules files in the same folder",
        ),
    ] {
        let mut all = vec![("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", &*fifty)];
        all.extend(files);
        let ran = Folder::new(&all).run(&["check"]);
        assert_eq!(ran.status, 1, "{message}: {}{}", ran.output, ran.errors);
        assert!(ran.output.contains("error[test/invalid]"), "{message}: {}", ran.output);
        assert!(ran.output.contains(message), "{message}: {}", ran.output);
    }
}

#[test]
fn only_the_tests_of_the_checked_rules_run() {
    let (fifty, ten) = (rules(50), rules(10));
    let folder = Folder::new(&[
        ("a-rules.yaml", &fifty),
        ("b-rules.yaml", &ten),
        ("a.preflight.yaml", &test("rules: a-rules.yaml\n", 50)),
        ("b.preflight.yaml", &test("rules: b-rules.yaml\n", 11)),
        ("old/c.preflight.yaml", &test("rules: ../a-rules.yaml\n", 11)),
    ]);
    for (arguments, status) in
        [(&["-r", "a-rules.yaml"][..], 0), (&["-r", "b-rules.yaml"], 1), (&["."], 1)]
    {
        let ran = folder.run(&[&["check"], arguments].concat());
        assert_eq!(ran.status, status, "{arguments:?}: {}", ran.output);
    }
    folder.write(
        ".refinery-preflight.toml",
        b"[[exclude]]\nfiles = [\"b.preflight.yaml\"]\nreason = \"broken on purpose\"\n",
    );
    let ran = folder.run(&["check"]);
    assert_eq!(ran.status, 0, "{}", ran.output);
    assert!(ran.output.contains("b.preflight.yaml: excluded by"), "{}", ran.output);
}

#[test]
fn refused_rules_are_reported_without_their_tests() {
    let broken = rules(50).replace("SampleRate: 50", "SampleRate: many");
    let folder = Folder::new(&[("rules.yaml", &broken), ("a.preflight.yaml", &test("", 50))]);
    let ran = folder.run(&["check", "--output-format", "json"]);
    assert_eq!((ran.status, checks(&ran.output)), (1, Vec::new()));
}
