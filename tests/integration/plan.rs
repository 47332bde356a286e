//! The `plan` command: what changes in config, rules and traffic.

use crate::plan_files::{
    ERRORS, HEALTH, RECORDED, REST, old_rules, plan_files, plan_json, rules, shop, valid,
};
use crate::program::{BROKEN, CONFIG, Folder};
use crate::repository::Repository;
use serde_json::{Value as Json, json};

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
        assert!(ran.output.contains("same effect as before"), "{}", ran.output);
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
        let rules =
            [("old/rules.yaml", crate::program::RULES), ("new/rules.yaml", crate::program::RULES)];
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
fn files_in_only_one_state_are_not_compared() {
    let rules = old_rules();
    let folder = Folder::new(&[
        ("both/config.yaml", CONFIG),
        ("both/rules.yaml", &rules),
        ("config/config.yaml", CONFIG),
        ("rules/rules.yaml", &rules),
    ]);
    for (old, new, kind, side, line) in [
        (
            "both",
            "config",
            "rules",
            "old",
            "only the old state has a rules file, so rules are not compared",
        ),
        (
            "rules",
            "both",
            "config",
            "new",
            "only the new state has a config file, so the config is not compared",
        ),
    ] {
        let arguments = ["plan", new, "--against", old, "--output-format"];
        let plan = valid(&folder.run(&[&arguments[..], &["json"]].concat()));
        let unpaired = &plan["deployments"][0]["unpaired"];
        assert_eq!(*unpaired, json!([{"kind": kind, "only_in": side}]));
        for format in ["human", "markdown"] {
            let ran = folder.run(&[&arguments[..], &[format]].concat());
            assert!(ran.output.contains(line), "{}", ran.output);
            assert!(!ran.output.contains("same effect"), "{}", ran.output);
        }
    }
}

#[test]
fn files_that_cannot_be_checked_block() {
    let rules = old_rules();
    let folder = Folder::new(&[
        ("old/config.yaml", CONFIG),
        ("old/rules.yaml", &rules),
        ("new/config.yaml", CONFIG),
        ("new/rules.yaml", &rules),
        ("new/other/kustomization.yaml", "configMapGenerator: [{name: refinery, files: [a"),
    ]);
    let arguments = ["plan", "new", "--against", "old", "--output-format"];
    let ran = folder.run(&[&arguments[..], &["json"]].concat());
    assert_eq!(ran.status, 1, "{}", ran.output);
    assert_eq!(valid(&ran)["summary"], json!({"unchecked": 1, "blocked": true}));
    for format in ["human", "markdown"] {
        let ran = folder.run(&[&arguments[..], &[format]].concat());
        assert!(ran.output.contains("1 file cannot be checked"), "{}", ran.output);
    }
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
    // What happens on `main` is not part of the change.
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
    assert!(ran.errors.contains("no deployment in `alone` corresponds"), "{}", ran.errors);
}

#[test]
fn invalid_input_is_reported() {
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
        (
            &[&both[..], &["--traffic", "t.jsonl"]].concat(),
            "missing target for `--traffic t.jsonl`",
        ),
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

#[test]
fn markdown_has_a_diagram_without_markup_from_files() {
    let hostile = "'a\"] --> x[<b>`|@octocat ```'";
    let new = rules(&[(hostile, "route = /health", "Drop: true"), ERRORS, REST]);
    let arguments = ["--traffic", "shop=t.jsonl", "--output-format", "markdown"];
    let ran = plan_files(&old_rules(), &new, &[("t.jsonl", RECORDED)], &arguments);
    assert!(ran.output.starts_with("## Refinery plan ✔\n"), "{}", ran.output);
    let (_, rest) = ran.output.split_once("\nflowchart TD\n").expect("a diagram");
    let (diagram, after) = rest.split_once("\n```\n").expect("its end");
    assert!(!after.contains("```") && !ran.output.contains("<b>"), "{}", ran.output);
    assert!(!ran.output.contains("@octocat"), "{}", ran.output);
    for line in diagram.lines() {
        let quotes = line.matches('"').count();
        assert!(quotes.is_multiple_of(2) && !line.contains('`'), "{line}");
    }
    assert!(diagram.contains("<br/>#8594; dropped, 66.7% of traces\"]:::dropped\n"), "{diagram}");
    assert!(
        diagram.contains("  r2[\"rest<br/>#8594; kept 1 in 50, 33.3% of traces\"]:::sampled\n"),
        "{diagram}"
    );
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
    for name in names.iter().map(String::as_str).chain(["no rule", "dropped", "66.7%"]) {
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
