//! `check --since`: what a pull request changes, and which findings are new.

use crate::program::{BROKEN, CONFIG, RULES};
use crate::repository::Repository;
use refinery_preflight::internals::release::{known, newest};
use serde_json::Value as Json;

/// Rules with a fault in the fifth line.
const OLD_FAULT: &str = "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      SampleRate: many\n";

/// A branch and `main` have diverged; both have two deployments.
fn branched() -> Repository {
    let repository = Repository::with(&[
        ("a/config.yaml", CONFIG),
        ("a/rules.yaml", RULES),
        ("b/config.yaml", CONFIG),
        ("b/rules.yaml", OLD_FAULT),
    ]);
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("a/rules.yaml", &format!("{RULES}# on main\n"));
    repository.commit_all("Go on");
    repository.git(&["checkout", "--quiet", "change"]);
    repository
}

fn short(repository: &Repository, arguments: &[&str]) -> (i32, String) {
    let ran = repository.run(&[&["check", "--output-format", "short"], arguments].concat());
    assert_eq!(ran.errors, "", "{arguments:?}");
    (ran.status, ran.output)
}

#[test]
fn only_changes_of_the_branch_are_checked() {
    let repository = branched();
    // Changes on `main` are not those of the branch.
    let nothing = (0, "nothing was checked\n".to_owned());
    assert_eq!(short(&repository, &["--since", "main"]), nothing);
    repository.write("a/config.yaml", BROKEN);
    // Neither staged nor committed.
    let newest = known(newest()).unwrap();
    let said = format!(
        "a/config.yaml:3:2: error[syntax/invalid-yaml]: wrong indentation: `Network` does not line \
         up with its siblings\nRefinery {} of {}, the newest known (no pin); {}\nblocked: 1 error \
         (1 new, 0 old)\n",
        newest.release,
        newest.date.unwrap(),
        newest.evidence.basis()
    );
    let stopped = (1, said);
    assert_eq!(short(&repository, &["--since", "main"]), stopped);
    assert_eq!(short(&repository, &["--since", "main", "--staged"]), nothing);
    repository.git(&["add", "."]);
    assert_eq!(short(&repository, &["--since", "main", "--staged"]), stopped);
    assert_eq!(short(&repository, &["--since", "main", "--rev", "HEAD"]), nothing);
    repository.commit_all("Break it");
    assert_eq!(short(&repository, &["--since", "main", "--rev", "HEAD"]), stopped);
    assert_eq!(short(&repository, &["--since", "main", "b"]), nothing);
    assert_eq!(short(&repository, &["--since", "HEAD"]), nothing);
}

#[test]
fn findings_are_new_or_old() {
    let repository = branched();
    // The old fault moves down a line, and a new one is added.
    repository.write("b/rules.yaml", &format!("# moved\n{OLD_FAULT}  x: 1\n"));
    let (status, said) = short(&repository, &["--since", "main"]);
    assert_eq!(status, 1, "{said}");
    let lines: Vec<&str> = said.lines().collect();
    let is_old = |line: &&&str| line.ends_with(" (old)");
    assert!(lines.iter().filter(is_old).all(|line| line.starts_with("b/rules.yaml:6:")), "{said}");
    assert_eq!(lines.iter().filter(is_old).count(), 1, "{said}");
    assert!(lines.iter().any(|line| line.starts_with("b/rules.yaml:7:")), "{said}");
    assert!(said.ends_with(" old)\n"), "{said}");
    let json = repository.run(&["check", "--since", "main", "--output-format", "json"]).output;
    let json: Json = serde_json::from_str(&json).unwrap();
    let findings = json["deployments"][0]["findings"].as_array().unwrap();
    let old = findings.iter().filter(|finding| finding["new"] == false).count();
    assert!(old == 1 && findings.iter().all(|f| f["new"].is_boolean()), "{json:#}");
    let sarif = repository.run(&["check", "--since", "main", "--output-format", "sarif"]).output;
    assert!(sarif.contains("\"baselineState\": \"unchanged\""), "{sarif}");
    assert!(sarif.contains("\"baselineState\": \"new\""), "{sarif}");
    let plain = repository.run(&["check", "--output-format", "json"]).output;
    assert!(!plain.contains("\"new\""), "{plain}");
}

#[test]
fn each_deployment_is_compared_with_its_base() {
    let repository = branched();
    let with_port = |port: u16| format!("{CONFIG}Network: {{ListenAddr: \"0.0.0.0:{port}\"}}\n");
    repository.write("c/config.yaml", &with_port(1));
    repository.write("d/rules.yaml", RULES);
    repository.commit_all("Begin with more");
    repository.write("a/config.yaml", &with_port(1));
    repository.write("c/config.yaml", &format!("{}# x\n", with_port(1)));
    repository.write("d/rules.yaml", &format!("{RULES}# x\n"));
    repository.write("e/config.yaml", &with_port(2));
    let (status, said) = short(&repository, &["--since", "HEAD"]);
    assert_eq!(status, 0, "{said}");
    let changes: Vec<&str> = said.lines().filter(|line| line.contains("[reload/")).collect();
    let [change] = changes[..] else { panic!("{said}") };
    let line = CONFIG.lines().count() + 1;
    let note = format!("a/config.yaml:{line}:23: note[reload/needs-restart]");
    assert!(change.starts_with(&note), "{change}");
    // Named files override the past deployment.
    let named = ["--since", "HEAD", "a", "--running-config", "c/config.yaml"];
    assert!(!short(&repository, &named).1.contains("[reload/"));
}

#[test]
fn an_old_error_blocks_and_an_old_warning_does_not() {
    let repository = branched();
    repository.write("b/config.yaml", &format!("{CONFIG}# x\n"));
    let (status, said) = short(&repository, &["--since", "main"]);
    assert_eq!(status, 1, "{said}");
    assert!(said.ends_with("blocked: 1 error (0 new, 1 old)\n"), "{said}");
    // Two documents: only the first is read.
    repository.write("a/config.yaml", &format!("{CONFIG}---\nx: 1\n"));
    let (status, said) = short(&repository, &["--since", "main", "--fail-on", "warning", "a"]);
    assert_eq!(status, 1, "{said}");
    repository.git(&["add", "a"]);
    repository.git(&["commit", "--quiet", "-m", "Warn"]);
    repository.write("a/rules.yaml", &format!("{RULES}# x\n"));
    let (status, said) = short(&repository, &["--since", "HEAD", "--fail-on", "warning", "a"]);
    assert_eq!(status, 0, "{said}");
    assert!(said.ends_with("passed: 1 warning (0 new, 1 old)\n"), "{said}");
}

#[test]
fn a_missing_base_is_reported() {
    let repository = branched();
    for (arguments, said) in [
        (&["--since", "nowhere"][..], "unknown revision `nowhere`"),
        (&["--since", "orphan"], "have no merge base"),
    ] {
        repository.try_git(&["branch", "orphan", "main"]);
        if arguments.contains(&"orphan") {
            repository.git(&["checkout", "--quiet", "--orphan", "lonely"]);
            repository.commit_all("Alone");
        }
        let ran = repository.run(&[&["check"], arguments].concat());
        assert_eq!(ran.status, 2, "{}", ran.all());
        assert!(ran.errors.contains(said), "{}", ran.errors);
        assert!(ran.errors.contains("shallow"), "{}", ran.errors);
    }
}

/// What decides whether a file may belong to a changed deployment, apart from its own change.
#[test]
fn changes_elsewhere_count() {
    let values = "config:\n  General:\n    ConfigurationVersion: 2\n";
    let terraform = |version: &str| {
        format!(
            "resource \"helm_release\" \"refinery\" {{\n  chart = \"refinery\"\n  version = \"{version}\"\n  \
             values = [file(\"${{path.module}}/../deploy/values.yaml\")]\n}}\n"
        )
    };
    let compose = "services:\n  refinery:\n    image: honeycombio/refinery:3.2.2\n    \
                   command: [refinery, -c, /etc/refinery/config.yaml, -r, /etc/refinery/rules]\n    \
                   volumes:\n      - ./config.yaml:/etc/refinery/config.yaml\n      \
                   - ../../shared/local:/etc/refinery/rules\n";
    let repository = Repository::with(&[
        ("deploy/eu/refinery/config.yaml", CONFIG),
        ("deploy/eu/refinery/rules.yaml", RULES),
        ("deploy/values.yaml", values),
        ("infra/main.tf", &terraform("2.19.0")),
        ("apps/web/main.go", "package main\n"),
        ("run/here/compose.yaml", compose),
        ("run/here/config.yaml", CONFIG),
        ("shared/local", RULES),
        (".gitignore", "ignored*\n"),
    ]);
    let checked = |name: &str, text: &str| {
        repository.write(name, text);
        let ran = repository.run(&["check", "--since", "HEAD"]);
        repository.git(&["checkout", "--quiet", "."]);
        repository.git(&["clean", "--quiet", "-fdx"]);
        let counted =
            ran.output.lines().find(|line| line.contains("· checked ")).map(str::to_owned);
        counted.map_or_else(|| ran.all(), |line| line.trim_start_matches("· ").to_owned())
    };
    for (name, text, expected) in [
        // Nothing to do with Refinery.
        ("apps/web/main.go", "package web\n", "checked 0 deployments"),
        ("apps/web/new.yaml", "kind: Service\n", "checked 0 deployments"),
        ("ignored/config.yaml", CONFIG, "checked 0 deployments"),
        // A file of its own, changed or new.
        ("deploy/eu/refinery/rules.yaml", &format!("{RULES}#\n"), "checked 1 deployment"),
        ("other/us/config.yaml", CONFIG, "checked 1 deployment"),
        // A file without Refinery's keys and without an extension that compose mounts.
        ("shared/local", "Samplers: {}\n", "checked 1 deployment"),
        // The version of its chart, in a folder beside one of its parents.
        ("infra/main.tf", &terraform("2.18.0"), "checked 1 deployment"),
    ] {
        let said = checked(name, text);
        assert!(said.starts_with(expected), "{name}: {said}");
    }
}

/// Git does not know whether they changed.
#[test]
fn ignored_files_that_a_deployment_uses_count_as_changed() {
    let compose = "services:\n  refinery:\n    image: honeycombio/refinery:3.2.2\n    \
                   command: [refinery, -c, /etc/refinery/config.yaml, -r, /etc/refinery/rules.yaml]\n    \
                   volumes: ['../local:/etc/refinery']\n";
    let repository = Repository::with(&[("run/compose.yaml", compose), (".gitignore", "local\n")]);
    repository.write("local/config.yaml", BROKEN);
    repository.write("local/rules.yaml", RULES);
    let ran = repository.run(&["check", "--since", "HEAD"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains("wrong indentation"), "{}", ran.all());
}

/// Files that nothing refers to any more are a deployment of their own.
#[test]
fn files_that_a_change_no_longer_refers_to_are_checked() {
    let generator = "configMapGenerator:\n- name: refinery\n  files: [config.yaml=../../shared/files/config.yaml, \
                     rules.yaml=../../shared/files/local]\n";
    let repository = Repository::with(&[
        ("k/base/kustomization.yaml", generator),
        ("shared/files/config.yaml", CONFIG),
        ("shared/files/local", RULES),
    ]);
    repository.write("k/base/kustomization.yaml", "kind: Kustomization\n");
    for arguments in [&[][..], &["--staged"]] {
        let ran = repository.run(&[&["check", "--since", "HEAD"], arguments].concat());
        assert!(ran.output.contains("· checked 1 deployment"), "{arguments:?} {}", ran.all());
        repository.git(&["add", "."]);
    }
}
