//! Doors are equal: recorded deployments have the same verdict, on the right line, whichever way they
//! come in.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::format_push_string)]

mod recordings;
mod repository;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use recordings::{Case, base, cases};
use refinery_preflight::schema::releases;
use repository::Repository;
use serde_json::Value;
use std::collections::BTreeMap;

/// One recorded deployment.
struct Recorded {
    /// The folder in which it is written.
    folder: String,
    config: String,
    rules: String,
    starts: bool,
    /// The line of the changed file at which the first error is found when it lies open.
    is_config: bool,
}

/// Every few recorded cases whose texts any YAML scalar can carry: no zero bytes, control characters
/// or carriage returns, and no environment.
fn recorded() -> Vec<Recorded> {
    const EVERY: usize = 17;
    let release = *releases().last().unwrap();
    let is_carried = |case: &&Case| {
        let is_plain = |c: char| c == '\n' || !c.is_control() && c != '\u{feff}';
        case.answer("env").is_none()
            && case.answer("config_ext").is_none()
            && case.answer("rules_ext").is_none()
            && ["config", "rules"].contains(&case.kind.as_str())
            && case.text.chars().all(is_plain)
            && !case.text.contains("{{")
            && !case.text.trim().is_empty()
    };
    let all = cases();
    let carried: Vec<&Case> = all.iter().filter(is_carried).step_by(EVERY).collect();
    let recorded = carried.into_iter().enumerate().map(|(index, case)| {
        let is_config = case.kind == "config";
        let (config, rules) = if is_config {
            (case.text.clone(), base("base-rules-min.yaml"))
        } else {
            (base("base-config-min.yaml"), case.text.clone())
        };
        let starts = matches!(case.start(release), "yes" | "warn");
        Recorded { folder: format!("n{index:04}"), config, rules, starts, is_config }
    });
    recorded.collect()
}

/// A text as a literal block whose content is indented by two more than its parent.
fn block(text: &str, indent: usize) -> String {
    let chomping = if text.ends_with('\n') { "+" } else { "-" };
    let pad = " ".repeat(indent + 2);
    let body: String = text
        .split_inclusive('\n')
        .map(|line| if line == "\n" { line.to_owned() } else { format!("{pad}{line}") })
        .collect();
    format!("|2{chomping}\n{body}{}", if text.ends_with('\n') { "" } else { "\n" })
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap() + "\n"
}

fn map(kind: &str, data: &str, write: &dyn Fn(&str) -> String, r: &Recorded) -> String {
    format!(
        "apiVersion: v1\nkind: {kind}\nmetadata:\n  name: files\n{data}:\n  config.yaml: {}  \
         rules.yaml: {}",
        write(&r.config),
        write(&r.rules)
    )
}

fn pods(mounts: &str, volumes: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: refinery\nspec:\n  template:\n    \
         spec:\n      containers:\n        - name: refinery\n          image: honeycombio/refinery:3.2.2\n          \
         args: [-c, /conf/config.yaml, -r, /conf/rules.yaml]\n          volumeMounts: {mounts}\n      \
         volumes: {volumes}\n"
    )
}

/// The files in which a deployment comes in through one door.
type Door = (&'static str, fn(&Recorded) -> Vec<(&'static str, String)>);

const ONE: &str = "[{name: files, mountPath: /conf}]";

const DOORS: [Door; 15] = [
    ("folder", |r| vec![("config.yaml", r.config.clone()), ("rules.yaml", r.rules.clone())]),
    ("block", |r| vec![("map.yaml", map("ConfigMap", "data", &|t| block(t, 2), r))]),
    ("quoted", |r| vec![("map.yaml", map("ConfigMap", "data", &quoted, r))]),
    ("string data", |r| vec![("map.yaml", map("Secret", "stringData", &|t| block(t, 2), r))]),
    ("base64", |r| {
        let write = |text: &str| STANDARD.encode(text) + "\n";
        let volume = "[{name: files, secret: {secretName: files}}]";
        vec![("all.yaml", map("Secret", "data", &write, r) + &pods(ONE, volume))]
    }),
    ("mounted", |r| {
        let volume = "[{name: files, configMap: {name: files}}]";
        vec![("all.yaml", map("ConfigMap", "data", &|t| block(t, 2), r) + &pods(ONE, volume))]
    }),
    ("sub path", |r| {
        let mounts = "[{name: files, mountPath: /conf/config.yaml, subPath: config.yaml}, \
                      {name: files, mountPath: /conf/rules.yaml, subPath: rules.yaml}]";
        let volume = "[{name: files, configMap: {name: files}}]";
        vec![("all.yaml", map("ConfigMap", "data", &|t| block(t, 2), r) + &pods(mounts, volume))]
    }),
    ("projected", |r| {
        let volume = "[{name: files, projected: {sources: [{configMap: {name: files}}]}}]";
        vec![("all.yaml", map("ConfigMap", "data", &|t| block(t, 2), r) + &pods(ONE, volume))]
    }),
    ("list", |r| {
        let map = map("ConfigMap", "data", &quoted, r);
        let item: String = map.lines().map(|line| format!("    {line}\n")).collect();
        let item = item.replacen("    apiVersion", "  - apiVersion", 1);
        vec![("list.yaml", format!("apiVersion: v1\nkind: List\nitems:\n{item}"))]
    }),
    ("generator", |r| {
        let generator =
            "configMapGenerator:\n  - name: files\n    files: [config.yaml, rules.yaml]\n";
        vec![
            ("kustomization.yaml", generator.to_owned()),
            ("config.yaml", r.config.clone()),
            ("rules.yaml", r.rules.clone()),
        ]
    }),
    ("generator and pods", |r| {
        let generator = "resources: [pods.yaml]\nconfigMapGenerator:\n  - name: files\n    files: \
                         [config.yaml=c.yaml, rules.yaml=r.yaml]\n";
        let volume = "[{name: files, configMap: {name: files}}]";
        vec![
            ("kustomization.yaml", generator.to_owned()),
            ("pods.yaml", pods(ONE, volume)),
            ("c.yaml", r.config.clone()),
            ("r.yaml", r.rules.clone()),
        ]
    }),
    ("values", |r| {
        let text = format!("config: {}rules: {}", block(&r.config, 0), block(&r.rules, 0));
        vec![("values.yaml", text)]
    }),
    ("values after 64 KiB", |r| {
        let others = "other-service:\n  replicas: 1\n".repeat(2300);
        let config = block(&r.config, 2);
        let text = format!("{others}refinery:\n  config: {config}  rules: {}", block(&r.rules, 2));
        vec![("values.yaml", text)]
    }),
    ("compose", |r| {
        let service = "services:\n  refinery:\n    image: honeycombio/refinery:3.2.2\n    volumes:\n      - \
                       ./c.yaml:/etc/refinery/refinery.yaml\n      - ./r.yaml:/etc/refinery/rules.yaml\n";
        vec![
            ("compose.yaml", service.to_owned()),
            ("c.yaml", r.config.clone()),
            ("r.yaml", r.rules.clone()),
        ]
    }),
    ("Dockerfile", |r| {
        let service = "services:\n  refinery:\n    build: .\n";
        let file = "FROM honeycombio/refinery:3.2.2\nCOPY c.yaml /etc/refinery/refinery.yaml\nCOPY \
                    r.yaml /etc/refinery/rules.yaml\n";
        vec![
            ("compose.yaml", service.to_owned()),
            ("Dockerfile", file.to_owned()),
            ("c.yaml", r.config.clone()),
            ("r.yaml", r.rules.clone()),
        ]
    }),
];

/// The folder of each deployment → whether it starts, and the first errors with their places.
fn verdicts(json: &str) -> BTreeMap<String, (bool, Vec<String>)> {
    let report: Value = serde_json::from_str(json).expect("JSON");
    let mut verdicts = BTreeMap::new();
    for deployment in report["deployments"].as_array().unwrap() {
        let name = ["config", "rules"].iter().find_map(|half| deployment[half][0].as_str());
        let folder = name.unwrap().split('/').next().unwrap().to_owned();
        let starts = deployment["verdicts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|verdict| verdict["fresh_start"] != "no")
            && deployment["verdicts"][0].is_object();
        let findings = deployment["findings"].as_array().unwrap();
        let errors = findings.iter().filter(|finding| finding["severity"] == "error");
        let lines = errors.filter_map(|finding| {
            let label = finding["labels"].as_array()?.iter().find(|l| l["primary"] == true)?;
            Some(format!("{} {}", finding["check"].as_str()?, label["start"]["line"]))
        });
        let known = verdicts.insert(folder.clone(), (starts, lines.collect()));
        assert!(known.is_none(), "{folder} is there twice");
    }
    verdicts
}

fn compare(door: &str, all: &[Recorded], json: &str) -> BTreeMap<String, Vec<String>> {
    let verdicts = verdicts(json);
    let missing: Vec<&str> = all
        .iter()
        .filter(|r| !verdicts.contains_key(&r.folder))
        .map(|r| r.folder.as_str())
        .collect();
    assert!(missing.is_empty(), "{door}: not checked: {missing:?}");
    let differing: Vec<&str> = all
        .iter()
        .filter(|r| verdicts[&r.folder].0 != r.starts)
        .map(|r| r.folder.as_str())
        .collect();
    assert!(differing.is_empty(), "{door}: other verdicts: {differing:?}");
    verdicts.into_iter().map(|(folder, (_, lines))| (folder, lines)).collect()
}

fn write(repository: &Repository, door: &Door, all: &[Recorded]) {
    for recorded in all {
        for (name, text) in (door.1)(recorded) {
            repository.write(&format!("{}/{name}", recorded.folder), &text);
        }
    }
}

const CHECK: [&str; 5] = ["check", "--env-closed", "--refinery", "3.2.2", "--output-format"];

#[test]
fn every_format_gives_the_recorded_verdict() {
    let all = recorded();
    assert!(all.len() >= 200, "{}", all.len());
    let (good, bad): (Vec<_>, Vec<_>) = all.iter().partition(|r| r.starts);
    assert!(good.len() > 50 && bad.len() > 50, "{} {}", good.len(), bad.len());
    let is_of_rules = bad.iter().filter(|r| !r.is_config).count();
    assert!(is_of_rules > 20 && bad.len() - is_of_rules > 20, "{is_of_rules} of {}", bad.len());
    let mut open = BTreeMap::new();
    for door in &DOORS {
        let repository = Repository::new("main");
        write(&repository, door, &all);
        let ran = repository.run(&[&CHECK[..], &["json"]].concat());
        let lines = compare(door.0, &all, &ran.output);
        // The map begins six lines above its first text, the rules follow the config.
        match door.0 {
            "folder" => open = lines,
            "block" | "string data" => {
                let moved = |r: &&Recorded| {
                    let by = if r.is_config { 6 } else { 7 + r.config.lines().count() };
                    (&lines[&r.folder], shifted(&open[&r.folder], by))
                };
                for recorded in all.iter().filter(|r| !r.starts) {
                    let (found, expected) = moved(&recorded);
                    assert_eq!(*found, expected, "{}: {}", door.0, recorded.folder);
                }
            }
            "generator" | "generator and pods" | "compose" | "Dockerfile" => {
                assert_eq!(lines, open, "{}", door.0);
            }
            _ => {}
        }
    }
}

/// The same lines further down.
fn shifted(lines: &[String], by: usize) -> Vec<String> {
    let shift = |line: &String| {
        let (check, line) = line.split_once(' ').unwrap();
        format!("{check} {}", line.parse::<usize>().unwrap() + by)
    };
    lines.iter().map(shift).collect()
}

#[test]
fn every_state_of_the_files_gives_the_recorded_verdict() {
    let all = recorded();
    let repository = Repository::new("main");
    repository.write("readme.txt", "x");
    repository.commit_all("Begin");
    write(&repository, &DOORS[0], &all);
    repository.git(&["add", "."]);
    let json = |arguments: &[&str]| {
        let first = [&CHECK[..], &["json"], arguments].concat();
        repository.run(&first).output
    };
    compare("staged", &all, &json(&["--staged"]));
    compare("since, work tree", &all, &json(&["--since", "HEAD"]));
    let hook = ["hook", "run", "--env-closed", "--refinery", "3.2.2", "--output-format", "json"];
    compare("hook", &all, &repository.run(&hook).output);
    repository.commit_all("Add them");
    compare("revision", &all, &json(&["--rev", "HEAD"]));
    compare("since, revision", &all, &json(&["--rev", "HEAD", "--since", "HEAD~1"]));
    compare(
        "named folders",
        &all,
        &json(&[&all.iter().map(|r| r.folder.as_str()).collect::<Vec<_>>()[..]].concat()),
    );
}
