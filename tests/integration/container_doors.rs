//! Helm values and `ConfigMap`s through every entry point: staged, committed, `--since`, hook and
//! history.

use crate::repository::{Ran, Repository};

/// A form of deployment, and a change that makes start-up fail.
struct Case {
    files: &'static [(&'static str, &'static str)],
    /// The changed file: the text before and after.
    change: (&'static str, &'static str, &'static str),
    /// A line of the expected finding, and the release.
    finding: &'static str,
    release: &'static str,
}

const VALUES: &str = "\
image:
  tag: 3.1.2
config:
  General:
    ConfigurationVersion: 2
  Collection:
    WorkerCount: 2
rules:
  RulesVersion: 2
  Samplers:
    __default__:
      DeterministicSampler:
        SampleRate: 1
";
/// A chart that depends on Refinery's chart.
const CHART: &str = "name: all\ndependencies:\n  - name: refinery\n    version: 3.0.5\n";
const BELOW: &str = "\
refinery:
  config:
    General:
      ConfigurationVersion: 2
    Collection:
      WorkerCount: 2
";
const MAP: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: refinery-config
data:
  config.yaml: |
    General:
      ConfigurationVersion: 2
    Collection:
      WorkerCount: 2
      MaxAlloc: 3Gb
  rules.yaml: |
    RulesVersion: 2
    Samplers:
      __default__:
        DeterministicSampler:
          SampleRate: 1
";
const PODS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: refinery
spec:
  template:
    spec:
      containers:
        - name: refinery
          image: honeycombio/refinery:3.1.2
          env: [{name: REFINERY_CONFIG, value: /etc/refinery/config.yaml}]
          volumeMounts: [{name: config, mountPath: /etc/refinery}]
      volumes:
        - name: config
          configMap: {name: refinery-config}
";

const CASES: [Case; 6] = [
    Case {
        files: &[("k/values.yaml", VALUES)],
        change: ("k/values.yaml", "SampleRate: 1", "SampleRate: many"),
        finding: "k/values.yaml:13:21: error[schema/wrong-type]",
        release: "v3.1.2",
    },
    Case {
        files: &[("k/values.yaml", VALUES)],
        change: ("k/values.yaml", "tag: 3.1.2", "tag: 3.0.0"),
        finding: "k/values.yaml:7:5: error[schema/unknown-key]",
        release: "v3.0.0",
    },
    Case {
        files: &[("k/Chart.yaml", CHART), ("k/values.yaml", BELOW)],
        change: ("k/Chart.yaml", "3.0.5", "3.0.0"),
        finding: "k/values.yaml:6:7: error[schema/unknown-key]",
        release: "v3.0.0",
    },
    Case {
        files: &[("k/map.yaml", MAP), ("k/pods.yaml", PODS)],
        change: ("k/map.yaml", "    General:", "    General: x"),
        finding: "k/map.yaml:8:",
        release: "v3.1.2",
    },
    Case {
        files: &[("k/map.yaml", MAP), ("k/pods.yaml", PODS)],
        change: ("k/pods.yaml", "refinery:3.1.2", "refinery:3.0.0"),
        finding: "k/map.yaml:10:7: error[schema/unknown-key]",
        release: "v3.0.0",
    },
    Case {
        files: &[("k/map.yaml", MAP), ("k/pods.yaml", PODS)],
        change: ("k/pods.yaml", "3.1.2\n", "3.1.2\n          args: [--none]\n"),
        finding: "k/pods.yaml:9:17: error[start/bad-command-line]",
        release: "v3.1.2",
    },
];

/// Deployments with files of their own, and with a base.
const OTHERS: [&[(&str, &str)]; 5] = [
    &[
        ("k/compose.yaml", COMPOSE),
        ("k/config.yaml", "General:\n  ConfigurationVersion: 2\n Network:\n"),
        ("k/rules.yaml", "RulesVersion: 2\n"),
    ],
    &[
        ("k/Dockerfile", "FROM honeycombio/refinery:2.0.0\n"),
        ("k/config.yaml", "General:\n  ConfigurationVersion: 2\nCollection:\n  WorkerCount: 2\n"),
        ("k/rules.yaml", "RulesVersion: 2\n"),
    ],
    &[
        ("k/base/kustomization.yaml", "resources: [map.yaml, pods.yaml]\n"),
        ("k/base/map.yaml", MAP),
        ("k/base/pods.yaml", PODS),
        (
            "k/over/kustomization.yaml",
            "resources: [../base]\nimages: [{name: honeycombio/refinery, newTag: 3.0.0}]\n",
        ),
    ],
    &[
        ("k/Chart.yaml", CHART),
        (
            "k/templates/map.yaml",
            "kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\ndata:\n  config.yaml: |\n    General: {{ .Values.general }}\n",
        ),
        ("k/values.yaml", BELOW),
    ],
    &[
        ("k/map.yaml", MAP),
        ("k/pods.yaml", PODS),
        (
            "k/other.yaml",
            "kind: Secret\napiVersion: v1\nmetadata: {name: refinery-config}\nstringData: {config.yaml: ''}\n",
        ),
    ],
];

const COMPOSE: &str = "\
services:
  refinery:
    image: honeycombio/refinery:3.1.2
    volumes: ['./config.yaml:/etc/refinery/refinery.yaml', './rules.yaml:/etc/refinery/rules.yaml']
";

/// A file name may contain `#`, which also separates a file from a place in it.
#[test]
fn number_signs_in_folder_names_change_nothing() {
    let cases = CASES.iter().map(|case| case.files).chain(OTHERS);
    for files in cases {
        let run = |folder: &str| {
            let repository = Repository::with(&[("readme.txt", "x")]);
            for (name, text) in files {
                repository.write(&name.replacen('k', folder, 1), text);
            }
            repository.git(&["add", "--all"]);
            let doors: [&[&str]; 4] =
                [&["check"], &["check", "--staged"], &["hook", "run"], &["check", folder]];
            let formats = ["short", "json", "human"].map(|format| ["--output-format", format]);
            doors.map(|door| {
                formats.map(|format| {
                    let ran = repository.run(&[door, &format].concat());
                    let text = ran.all().replace(&format!("{folder}/"), "k/");
                    (ran.status, text.replace(&format!("`{folder}`"), "`k`"))
                })
            })
        };
        assert_eq!(run("k#1"), run("k01"), "{files:?}");
    }
}

impl Case {
    fn repository(&self) -> Repository {
        let repository = Repository::with(self.files);
        repository.write("elsewhere/values.yaml", VALUES);
        repository.commit_all("Have another");
        repository
    }

    fn break_it(&self, repository: &Repository) {
        let (name, before, after) = self.change;
        let text = repository.read(name);
        assert_eq!(text.matches(before).count(), 1, "{name}: {before}");
        repository.write(name, &text.replace(before, after));
    }

    /// Only this deployment is checked, for its release, and its error is found.
    fn is_found(&self, ran: &Ran, door: &str) {
        let context = format!("{door}: {:?}: {}", self.change, ran.all());
        assert_eq!(ran.status, 1, "{context}");
        assert!(ran.output.contains(self.finding), "{context}");
        assert!(!ran.output.contains("elsewhere/"), "{context}");
    }
}

fn short(repository: &Repository, arguments: &[&str]) -> Ran {
    repository.run(&[arguments, &["--output-format", "short"]].concat())
}

#[test]
fn finds_a_breaking_change_through_every_entry_point() {
    for case in CASES {
        let repository = case.repository();
        for door in [&["check"][..], &["check", "--staged"], &["check", "--rev", "HEAD"]] {
            assert_eq!(short(&repository, door).status, 0, "{door:?}");
        }
        assert_eq!(short(&repository, &["hook", "run"]).output, "");
        case.break_it(&repository);
        case.is_found(&short(&repository, &["check", "--since", "HEAD"]), "work tree");
        assert_eq!(short(&repository, &["hook", "run"]).status, 0, "not staged yet");
        repository.git(&["add", "."]);
        case.is_found(&short(&repository, &["hook", "run"]), "hook");
        case.is_found(&short(&repository, &["check", "--staged", "k"]), "staged");
        let since = ["check", "--staged", "--since", "HEAD"];
        case.is_found(&short(&repository, &since), "staged, since");
        let whole = repository.run(&["hook", "run"]).output;
        assert!(whole.contains(&format!(" · Refinery {}\n", case.release)), "{whole}");
        repository.commit_all("Break it");
        case.is_found(&short(&repository, &["check", "--rev", "HEAD", "k"]), "revision");
        let since = ["check", "--rev", "HEAD", "--since", "HEAD~1"];
        let ran = short(&repository, &since);
        case.is_found(&ran, "revision, since");
        assert!(ran.output.ends_with(" 0 old)\n"), "what a change brings is new: {}", ran.output);
        assert_eq!(short(&repository, &["check", "--rev", "HEAD~1"]).status, 0);
    }
}

#[test]
fn history_names_the_commit_that_broke_it() {
    for case in CASES {
        let repository = case.repository();
        assert_eq!(repository.run(&["history"]).status, 0);
        case.break_it(&repository);
        repository.commit_at("Break it", "2026-03-13T00:00:00+00:00");
        repository.write("readme.txt", "x");
        repository.commit_at("Write on", "2026-03-14T00:00:00+00:00");
        let ran = repository.run(&["history", "--until", "2026-03-17", "k"]);
        case.is_found(&ran, "history");
        assert!(ran.output.contains(&format!(" · Refinery {}\n", case.release)), "{}", ran.output);
        assert!(ran.output.contains(" Break it (Ada Lovelace)"), "{}", ran.output);
        assert!(ran.output.contains("4 days so far, 1 later commit"), "{}", ran.output);
        assert_eq!(ran.output.matches("broken since").count(), 1, "{}", ran.output);
    }
}

#[test]
fn reports_old_errors_as_old() {
    for case in CASES.iter().filter(|case| case.finding.contains("unknown-key")) {
        let repository = case.repository();
        case.break_it(&repository);
        repository.commit_all("Break it");
        let name = case.finding.split(':').next().unwrap();
        let text = repository.read(name);
        let line = text.lines().find(|line| line.contains("WorkerCount")).unwrap();
        let next = line.replace("WorkerCount: 2", "ShutdownDelay: 20s");
        repository.write(name, &text.replace(line, &format!("{line}\n{next}")));
        let ran = short(&repository, &["check", "--since", "HEAD"]);
        case.is_found(&ran, "since");
        assert!(ran.output.ends_with("blocked: 1 error (0 new, 1 old)\n"), "{}", ran.output);
    }
}

#[test]
fn other_parts_of_a_file_do_not_change_a_deployment() {
    let repository =
        Repository::with(&[("k/values.yaml", VALUES), ("k/map.yaml", MAP), ("k/pods.yaml", PODS)]);
    for (name, before, after) in [
        ("k/values.yaml", "image:\n", "replicas: 3\nimage:\n"),
        ("k/pods.yaml", "          image", "          tty: true\n          image"),
    ] {
        repository.write(name, &repository.read(name).replacen(before, after, 1));
        repository.git(&["add", "."]);
        let ran = repository.run(&["hook", "run"]);
        assert_eq!((ran.status, ran.all().as_str()), (0, ""), "{name}");
    }
}
