//! `test --write`: what it writes passes, exercises all that can be exercised, and replaces nothing.

use crate::chance::Chance;
use crate::program::{Folder, Ran};
use crate::random_rules::{print, rules};
use crate::rule_test_files::RULES;
use serde_json::Value as Json;
use std::path::Path;

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).expect(name)
}

/// The labels of the notes about what no test can exercise.
fn not_coverable(folder: &Folder) -> Vec<String> {
    let ran = folder.run(&["test", "--write", "--output-format", "json"]);
    let report: Json = serde_json::from_str(&ran.output).expect(&ran.errors);
    let deployments = report["deployments"].as_array().expect("deployments");
    let findings = deployments.iter().flat_map(|d| d["findings"].as_array().expect("findings"));
    let of_kind = findings.filter(|finding| finding["check"] == "test/not-coverable");
    let labels = of_kind.flat_map(|finding| finding["labels"].as_array().expect("labels"));
    labels.map(|label| label["text"].as_str().expect("a text").to_owned()).collect()
}

/// Rules of the target `__default__`, each with its conditions in flow style.
fn rules_of(rules: &[(&str, &[&str])]) -> String {
    let mut text =
        "RulesVersion: 2\nSamplers:\n  __default__:\n    RulesBasedSampler:\n      Rules:\n"
            .to_owned();
    for (name, conditions) in rules {
        text += &format!("        - Name: {name}\n          SampleRate: 2\n");
        let conditions = conditions.join(", ");
        text += &format!("          Conditions: [{conditions}]\n");
    }
    text
}

fn has(ran: &Ran, part: &str) -> bool {
    ran.output.contains(part)
}

#[test]
fn tests_of_rules_without_any_pass_and_exercise_all() {
    let folder = Folder::new(&[("rules.yaml", RULES)]);
    let wrote = folder.run(&["test", "--write", "rules.yaml"]);
    assert_eq!(wrote.status, 0, "{wrote:?}");
    assert!(
        has(&wrote, "+ 5 tests written to `rules.preflight.yaml`: give them names"),
        "{wrote:?}"
    );
    let text = read(&folder, "rules.preflight.yaml");
    let start = "target: production\ntests:\n  - name: \"`errors` decides\"\n    trace:\n      \
                 - {root: true, http.status_code: 500}\n    expect: {keep: always, rule: errors}\n";
    assert!(text.starts_with(start), "{text}");
    // The rate of a dynamic sampler is not that of the rule.
    assert!(text.contains("    expect: {rule: slow}\n"), "{text}");
    let ran = folder.run(&["test", "--coverage"]);
    let all = "· the tests exercise 4 of 4 rules and 8 of 8 condition outcomes (100 %)\n";
    assert_eq!(ran.output, format!("{all}✔ 5 tests passed\n"));
    let again = folder.run(&["test", "--write"]);
    assert_eq!(again.output, format!("· no tests to write\n{all}✔ 5 tests passed\n"));
    assert_eq!(read(&folder, "rules.preflight.yaml"), text);
}

#[test]
fn tests_are_appended_to_what_a_person_wrote() {
    let own = "# Why we keep errors.\ntarget: production\ntests:\n- name: errors are kept # always\n  \
               trace: [{http.status_code: 503}]\n  expect: {keep: always}\n";
    let folder = Folder::new(&[("rules.yaml", RULES), ("own.preflight.yaml", own)]);
    let wrote = folder.run(&["test", "--write"]);
    assert_eq!(wrote.status, 0, "{wrote:?}");
    assert!(has(&wrote, "4 tests written to `own.preflight.yaml`"), "{wrote:?}");
    let text = read(&folder, "own.preflight.yaml");
    let added = text.strip_prefix(own).expect("what was there");
    assert!(
        added.starts_with("- name: \"`errors`: `http.status_code >= 500` is false\"\n"),
        "{added}"
    );
    let ran = folder.run(&["test", "--coverage", "--fail-under", "100"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn what_cannot_be_appended_goes_into_a_new_file() {
    let rest = "tests: [{name: x, trace: [{}], expect: {keep: 1 in 50}}]\n";
    for own in [
        format!("target: production\n{rest}"),
        format!(
            "target: production\nroute: msgpack\n{}",
            rest.replace(": [{n", ":\n- {n").replace("}}]", "}}")
        ),
    ] {
        let folder = Folder::new(&[("rules.yaml", RULES), ("rules.preflight.yaml", &own)]);
        let wrote = folder.run(&["test", "--write"]);
        assert!(has(&wrote, "written to `rules-2.preflight.yaml`"), "{wrote:?}");
        assert_eq!(read(&folder, "rules.preflight.yaml"), own);
        let ran = folder.run(&["test", "--coverage", "--fail-under", "100"]);
        assert_eq!(ran.status, 0, "{ran:?}");
    }
}

#[test]
fn each_target_has_a_file_that_names_its_rules() {
    let rules = RULES.replace("  production:", "  a/b c:")
        + "  x:\n    RulesBasedSampler:\n      Rules: [{Name: 'true', Drop: true}]\n";
    let folder = Folder::new(&[("d/r.yaml", &rules), ("d/other.yaml", RULES)]);
    let wrote = folder.run(&["test", "--write", "d/r.yaml"]);
    assert!(
        has(&wrote, "+ 5 tests written to `d/r-a-b-c.preflight.yaml`: give them names"),
        "{wrote:?}"
    );
    assert!(has(&wrote, "+ 1 test written to `d/r-x.preflight.yaml`: give it a name"), "{wrote:?}");
    let text = read(&folder, "d/r-x.preflight.yaml");
    let expected = "target: x\nrules: r.yaml\ntests:\n  - name: \"`true` decides\"\n    trace:\n      \
                    - {root: true}\n    expect: {keep: never, rule: \"true\"}\n";
    assert_eq!(text, expected);
    let ran = folder.run(&["test", "d"]);
    assert_eq!(ran.output, "✔ 6 tests passed\n");
}

#[test]
fn the_documentation_shows_what_is_written() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rule-tests/shop");
    let names =
        ["rules.yaml", "shop.preflight.yaml", "captured/health.jsonl", "captured/peak.jsonl"];
    let texts = names.map(|name| (name, std::fs::read_to_string(fixture.join(name)).expect(name)));
    let folder = Folder::new(&texts.each_ref().map(|(name, text)| (*name, text.as_str())));
    let wrote = folder.run(&["test", "--write"]);
    assert_eq!(wrote.status, 0, "{wrote:?}");
    let text = read(&folder, "shop.preflight.yaml");
    let added = text.strip_prefix(&*texts[1].1).expect("what was there");
    let page = include_str!("../../docs/testing-rules.md");
    assert!(page.contains(&format!("```yaml\n{added}```\n")), "{added}");
}

#[test]
fn tests_go_to_the_file_of_their_target() {
    let own = "target: __default__\ntests:\n- name: x\n  trace: [{}]\n  expect: {keep: 1 in 10}\n";
    let folder = Folder::new(&[("rules.yaml", RULES), ("a.preflight.yaml", own)]);
    let wrote = folder.run(&["test", "--write", "a.preflight.yaml"]);
    assert!(has(&wrote, "5 tests written to `rules.preflight.yaml`"), "{wrote:?}");
    assert_eq!(read(&folder, "a.preflight.yaml"), own);
}

#[test]
fn reports_what_no_trace_can_exercise_without_failing() {
    let a = |value: &str| format!("{{Field: a, Operator: '=', Value: {value}, Datatype: int}}");
    let (five, six) = (a("5"), a("6"));
    let missing = "{Field: '?.NUM_DESCENDANTS', Operator: exists}";
    let rules = rules_of(&[
        ("one", &[&five]),
        ("contradiction", &[&five, &six, missing]),
        ("shadowed", &[missing, &five]),
    ])
    .replace("- Name: contradiction\n", "- Name: contradiction\n          Scope: span\n");
    let folder = Folder::new(&[("rules.yaml", &rules)]);
    let wrote = folder.run(&["test", "--write"]);
    assert_eq!(wrote.status, 0, "{wrote:?}");
    assert!(has(&wrote, "· 9 rules and outcomes that no trace can"), "{wrote:?}");
    assert!(
        has(&wrote, "the tests exercise 1 of 3 rules and 5 of 12 condition outcomes"),
        "{wrote:?}"
    );
    let no = |what: &str| format!("{what}: no trace does this");
    let expected = [
        // The first condition is never true where the rule is reached, so the others are not tested.
        "deciding", "false", "false", "true", "true", "true", // of `contradiction`
        "deciding", "false", "true", // of `shadowed`
    ];
    assert_eq!(not_coverable(&folder), expected.map(no));
}

#[test]
fn rare_values_can_be_written() {
    let five = "{Field: a, Operator: '=', Value: 5}";
    let six = "{Field: a, Operator: '=', Value: 6}";
    let rules = rules_of(&[("both", &[five, six])])
        .replace("SampleRate: 2\n", "SampleRate: 2\n          Scope: span\n");
    let folder = Folder::new(&[("rules.yaml", &rules)]);
    let wrote = folder.run(&["test", "--write"]);
    assert!(has(&wrote, "1 of 1 rules and 4 of 4 condition outcomes (100 %)"), "{wrote:?}");
    assert!(read(&folder, "rules.preflight.yaml").contains("a: .nan}"));
    assert_eq!(folder.run(&["test", "--coverage", "--fail-under", "100"]).status, 0);
}

/// The first three rules leave only values to the others that Refinery compares with nothing.
#[test]
fn values_that_only_msgpack_has_can_be_written() {
    let of = |operator: &str, value: &str, datatype: &str| {
        format!("{{Field: a, Operator: '{operator}', Value: '{value}', Datatype: {datatype}}}")
    };
    let untyped = |operator: &str, value: &str| {
        format!("{{Field: a, Operator: '{operator}', Value: {value}}}")
    };
    let rules = [
        ("numbers", untyped(">=", "0")),
        ("negative", untyped("<", "0")),
        ("strings", untyped(">=", "''")),
        ("float", of("=", "5.5", "string")),
        ("unsigned", of("=", "6", "string")),
        ("extension", of("starts-with", "&{[7 ", "string")),
        ("time", of("starts-with", "2024-02-29 ", "string")),
        ("complex", of("starts-with", "(1.5", "string")),
    ];
    let slices: Vec<_> =
        rules.iter().map(|(name, condition)| (*name, [condition.as_str()])).collect();
    let all: Vec<_> = slices.iter().map(|(name, conditions)| (*name, &conditions[..])).collect();
    let folder = Folder::new(&[("rules.yaml", &rules_of(&all))]);
    let checked = folder.run(&["check"]);
    let only = |rule: &str| format!("only NaN and other rare values reach `{rule}`");
    for rule in ["float", "unsigned", "extension", "time", "complex"] {
        assert!(has(&checked, &only(rule)), "{rule}: {checked:?}");
    }
    let wrote = folder.run(&["test", "--write"]);
    assert!(has(&wrote, "8 of 8 rules and 16 of 16 condition outcomes (100 %)"), "{wrote:?}");
    let tests = read(&folder, "rules.preflight.yaml");
    for value in ["!float32 5.5}", "!uint 6}", "!formatted \"&{[7 ", "!formatted \"2024-02-29 "] {
        assert!(tests.contains(value), "{value}: {tests}");
    }
    assert!(tests.contains("!formatted \"(1.5"), "{tests}");
    assert_eq!(folder.run(&["test", "--coverage", "--fail-under", "100"]).status, 0);
}

#[test]
fn rules_that_refinery_refuses_get_no_tests() {
    let rules = RULES.replace("Drop: true", "Dorp: true");
    let folder = Folder::new(&[("rules.yaml", &rules)]);
    let wrote = folder.run(&["test", "--write"]);
    assert_eq!(wrote.status, 1, "{wrote:?}");
    assert!(
        has(&wrote, "· Refinery does not start with `rules.yaml`: no tests written"),
        "{wrote:?}"
    );
    assert!(has(&wrote, "schema/unknown-key") && has(&wrote, "✘ no test ran"), "{wrote:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let nothing = Folder::new(&[("readme.txt", "")]).run(&["test", "--write"]);
    assert_eq!(nothing.status, 2, "{nothing:?}");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_outside_of_the_repository() {
    let outside = Folder::new(&[("rules.yaml", RULES)]);
    let folder = Folder::new(&[(".git/HEAD", "ref: refs/heads/main\n")]);
    std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
    let wrote = folder.run(&["test", "--write", "link/rules.yaml"]);
    assert_eq!(wrote.status, 2, "{wrote:?}");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1, "{wrote:?}");
}

/// Random rules have conditions that nothing meets, and some that only values without a spelling do.
#[test]
fn tests_of_random_rules_pass() {
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let (mut whole, mut noted) = (0, 0);
    for number in 0..40 {
        let (text, _) = print(&rules(&mut chance), number % 4 == 0);
        let folder = Folder::new(&[("rules.yaml", &text)]);
        let wrote = folder.run(&["test", "--write"]);
        assert_eq!(wrote.status, 0, "{text}\n{wrote:?}");
        let ran = folder.run(&["test", "--coverage"]);
        assert_eq!(ran.status, 0, "{text}\n{ran:?}");
        let exercised = |ran: &Ran| {
            ran.output.lines().find(|line| line.starts_with("· the tests")).map(str::to_owned)
        };
        assert_eq!(exercised(&ran), exercised(&wrote), "{text}");
        whole += usize::from(has(&ran, "(100 %)"));
        noted += usize::from(
            has(&wrote, "that no trace can") || has(&wrote, "without a test or a proof"),
        );
        assert!(has(&ran, "(100 %)") != has(&wrote, "test/not-coverable"), "{text}\n{wrote:?}");
    }
    assert!(whole >= 3 && noted >= 10, "{whole} {noted}");
}

/// Rules from public repositories, which are not part of this one.
#[test]
fn public_rules_are_exercised_as_far_as_possible() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/rules");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let (mut tested, mut refused) = (0, 0);
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).expect(name);
        let folder = Folder::new(&[(name, &text)]);
        let wrote = folder.run(&["test", "--write", name]);
        if has(&wrote, "Refinery does not start with") {
            refused += 1;
            continue;
        }
        assert_eq!(wrote.status, 0, "{name}: {wrote:?}");
        // What is not exercised is proved to be impossible.
        assert!(!has(&wrote, "without a test or a proof"), "{name}: {wrote:?}");
        let has_rules = !has(&wrote, "✔ no test ran");
        if has_rules {
            let ran = folder.run(&["test", "--coverage"]);
            assert_eq!(ran.status, 0, "{name}: {ran:?}");
            assert!(has(&ran, "(100 %)") || has(&wrote, "that no trace can"), "{name}: {ran:?}");
            tested += 1;
        }
    }
    assert!(tested >= 45 && refused <= 3, "{tested} {refused}");
}
