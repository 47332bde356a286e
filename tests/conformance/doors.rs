//! All entry points are equal: recorded deployments have the same verdict, on the right line, in
//! every format and repository state.

use crate::recordings::{Case, base, cases, newest_recorded};
use crate::repository::{Ran, Repository};
use crate::workflow::act;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::BTreeMap;

/// A recorded deployment.
struct Recorded {
    /// The folder that it is written to.
    folder: String,
    config: String,
    rules: String,
    starts: bool,
    /// The line of the first error in the changed file, as a plain file.
    is_config: bool,
}

/// A sample of the recorded cases that fit into a YAML scalar: no zero bytes, control characters or
/// carriage returns, and no environment.
fn recorded() -> Vec<Recorded> {
    const EVERY: usize = 17;
    let release = newest_recorded();
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

/// A literal block, indented by two more spaces than its parent.
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

/// The files of a deployment in one format.
type Door = (&'static str, fn(&Recorded) -> Vec<(&'static str, String)>);

const ONE: &str = "[{name: files, mountPath: /conf}]";

const DOORS: [Door; 16] = [
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
        let item: String =
            map.lines().fold(String::new(), |item, line| item + "    " + line + "\n");
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
    ("compose content", |r| {
        let write = |text: &str| block(&text.replace('$', "$$"), 4);
        let text = format!(
            "services:\n  refinery:\n    image: honeycombio/refinery:3.2.2\n    configs:\n      - {{source: \
             c, target: /etc/refinery/refinery.yaml}}\n      - {{source: r, target: \
             /etc/refinery/rules.yaml}}\nconfigs:\n  c:\n    content: {}  r:\n    content: {}",
            write(&r.config),
            write(&r.rules)
        );
        vec![("compose.yaml", text)]
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

/// The folder of each deployment → whether it starts, and its first errors.
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
            .all(|verdict| verdict["start_up"] != "refused")
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
    assert!(good.len() > 30 && bad.len() > 100, "{} {}", good.len(), bad.len());
    let is_of_rules = bad.iter().filter(|r| !r.is_config).count();
    assert!(is_of_rules > 20 && bad.len() - is_of_rules > 20, "{is_of_rules} of {}", bad.len());
    let mut open = BTreeMap::new();
    for door in &DOORS {
        let repository = Repository::new("main");
        write(&repository, door, &all);
        let ran = repository.run(&[&CHECK[..], &["json"]].concat());
        let lines = compare(door.0, &all, &ran.output);
        // The map begins six lines above its first entry; the rules follow the config.
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

/// What the steps of the Action write, and each deployment alone: as named files and as standard input.
#[cfg(unix)]
#[test]
fn the_action_and_named_files_give_the_recorded_verdict() {
    let all = recorded();
    let repository = Repository::new("main");
    write(&repository, &DOORS[0], &all);
    repository.commit_all("Add them");
    let arguments = "--env-closed\n--output-format\njson=all.json";
    let outcome = act(&repository, &[("refinery", "3.2.2"), ("args", arguments)]);
    assert_eq!(outcome.status, 1, "{}", outcome.log);
    let lines = compare("Action", &all, &repository.read("all.json"));
    for recorded in &all {
        let path = |half: &str| format!("{}/{half}.yaml", recorded.folder);
        let (config, rules) = (path("config"), path("rules"));
        let piped = if recorded.is_config { &config } else { &rules };
        for names in [&["-c", &config, "-r", &rules][..], &["-", "--stdin-filename", piped]] {
            let arguments = [&CHECK[..], &["json"], names].concat();
            let program = env!("CARGO_BIN_EXE_refinery-preflight");
            let mut command = repository.command(program, "", &arguments);
            command.pipe_stdin(repository.path().join(piped)).unwrap();
            let report = Ran::of(&mut command).output;
            let found = compare(&format!("{names:?}"), std::slice::from_ref(recorded), &report);
            assert_eq!(found[&recorded.folder], lines[&recorded.folder], "{names:?}");
        }
    }
}

const GOOD_CONFIG: &str = "General:\n  ConfigurationVersion: 2\n";
const GOOD_RULES: &str =
    "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      SampleRate: 1\n";

/// Unusable config files.
const UNUSABLE_CONFIGS: [&str; 30] = [
    "",
    "\n\n",
    "# General:\n#   ConfigurationVersion: 2\n",
    "---\n",
    "---\n...\n",
    "null\n",
    "~\n",
    "{}\n",
    "[]\n",
    "General: [ConfigurationVersion: 2\n",
    "General: {ConfigurationVersion: 2\n",
    "General ConfigurationVersion: 2\n",
    "General:\n\tConfigurationVersion: 2\n",
    "General: 'ConfigurationVersion: 2\n",
    "general: {ConfigurationVersion: 2}\n",
    "GENERAL:\n  CONFIGURATIONVERSION: 2\n",
    "- General:\n    ConfigurationVersion: 2\n",
    "- a\n- b\n",
    "General\n",
    "42\n",
    "true\n",
    "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
    "General:\n    ConfigurationVersion: ENC[AES256_GCM,data:x,type:int]\nsops:\n    mac: ENC[x]\n",
    "$ANSIBLE_VAULT;1.1;AES256\n616263\n",
    "-----BEGIN AGE ENCRYPTED FILE-----\nYWJj\n-----END AGE ENCRYPTED FILE-----\n",
    "config:\n  General:\n    ConfigurationVersion: 2\n",
    "refinery:\n  config:\n    General:\n      ConfigurationVersion: 2\n",
    "<<<<<<< HEAD\nGeneral:\n  ConfigurationVersion: 2\n=======\nGeneral:\n>>>>>>> other\n",
    "General: *missing\n",
    "<html><body>502 Bad Gateway</body></html>\n",
];

const UNUSABLE_RULES: [&str; 12] = [
    "",
    "# RulesVersion: 2\n",
    "null\n",
    "{}\n",
    "[]\n",
    "Samplers: [\n",
    "samplers: {}\n",
    "RulesVersion 2\n",
    "rules:\n  RulesVersion: 2\n  Samplers:\n    __default__:\n      DeterministicSampler: {SampleRate: 1}\n",
    "- RulesVersion: 2\n",
    "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
    "$ANSIBLE_VAULT;1.1;AES256\n616263\n",
];

fn unusable() -> Vec<Recorded> {
    let configs = UNUSABLE_CONFIGS.iter().map(|config| (*config, GOOD_RULES, true));
    let rules = UNUSABLE_RULES.iter().map(|rules| (GOOD_CONFIG, *rules, false));
    let all = configs.chain(rules).enumerate();
    all.map(|(index, (config, rules, is_config))| Recorded {
        folder: format!("n{index:04}"),
        config: config.to_owned(),
        rules: rules.to_owned(),
        starts: false,
        is_config,
    })
    .collect()
}

/// The folders of deployments and files with an error.
fn blocked(json: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(json).expect("JSON");
    let deployments = report["deployments"].as_array().unwrap();
    let has_error = |deployment: &&Value| {
        let findings = deployment["findings"].as_array().unwrap();
        findings.iter().any(|finding| finding["severity"] == "error")
    };
    let name = |deployment: &Value| {
        let name = ["config", "rules"].iter().find_map(|half| deployment[half][0].as_str());
        name.unwrap().split('/').next().unwrap().to_owned()
    };
    deployments.iter().filter(has_error).map(name).collect()
}

fn assert_all_blocked(door: &str, all: &[Recorded], json: &str) {
    let blocked = blocked(json);
    let passed: Vec<_> = all
        .iter()
        .filter(|r| !blocked.contains(&r.folder))
        .map(|r| if r.is_config { &r.config } else { &r.rules })
        .collect();
    assert!(passed.is_empty(), "{door}: passed: {passed:#?}");
}

/// An unknown chart may pass strings through, and has a default config. Honeycomb's own makes another YAML
/// text of its values, so it cannot carry these.
fn is_carried(door: &str, recorded: &Recorded) -> bool {
    let text = if recorded.is_config { &recorded.config } else { &recorded.rules };
    !(door.starts_with("values") && text.trim().is_empty())
}

#[test]
fn unusable_files_block_through_every_entry_point() {
    for door in &DOORS {
        let mut all = unusable();
        all.retain(|recorded| is_carried(door.0, recorded));
        let repository = Repository::new("main");
        write(&repository, door, &all);
        let ran = repository.run(&["check", "--output-format", "json"]);
        assert_eq!(ran.status, 1, "{}: {}", door.0, ran.errors);
        assert_all_blocked(door.0, &all, &ran.output);
    }
}

#[test]
fn unusable_files_block_in_every_state() {
    let all = unusable();
    let repository = Repository::new("main");
    for recorded in &all {
        repository.write(&format!("{}/config.yaml", recorded.folder), GOOD_CONFIG);
        repository.write(&format!("{}/rules.yaml", recorded.folder), GOOD_RULES);
    }
    repository.commit_all("Begin");
    write(&repository, &DOORS[0], &all);
    let json = |arguments: &[&str]| {
        repository.run(&[arguments, &["--output-format", "json"]].concat()).output
    };
    assert_all_blocked("work tree", &all, &json(&["check"]));
    assert_all_blocked("since", &all, &json(&["check", "--since", "HEAD"]));
    repository.git(&["add", "."]);
    assert_all_blocked("staged", &all, &json(&["check", "--staged"]));
    assert_all_blocked("hook", &all, &json(&["hook", "run"]));
    repository.commit_all("Break them");
    assert_all_blocked("revision", &all, &json(&["check", "--rev", "HEAD"]));
    assert_all_blocked(
        "since, revision",
        &all,
        &json(&["check", "--rev", "HEAD", "--since", "HEAD~1"]),
    );
    assert_all_blocked("all files", &all, &json(&["hook", "run", "--all-files"]));
    let files: Vec<String> = all.iter().map(|r| format!("{}/config.yaml", r.folder)).collect();
    let configs: Vec<Recorded> = unusable().into_iter().filter(|r| r.is_config).collect();
    let named: Vec<&str> = files.iter().take(configs.len()).map(String::as_str).collect();
    assert_all_blocked("named files", &configs, &json(&[&["check"][..], &named].concat()));
}

/// Files that were Refinery's in the last commit still are, with any name in any folder.
#[test]
fn checks_files_that_were_refinerys_in_the_last_commit() {
    let all = unusable();
    let repository = Repository::new("main");
    for recorded in &all {
        repository.write(&format!("{}/a.yaml", recorded.folder), GOOD_CONFIG);
        repository.write(&format!("{}/b.yaml", recorded.folder), GOOD_RULES);
    }
    repository.commit_all("Begin");
    for recorded in &all {
        repository.write(&format!("{}/a.yaml", recorded.folder), &recorded.config);
        repository.write(&format!("{}/b.yaml", recorded.folder), &recorded.rules);
    }
    let since = ["check", "--since", "HEAD", "--output-format", "json"];
    assert_all_blocked("since", &all, &repository.run(&since).output);
    repository.git(&["add", "."]);
    let hook = ["hook", "run", "--output-format", "json"];
    assert_all_blocked("hook", &all, &repository.run(&hook).output);
}
