//! Compares start-up and first traces with recordings of whole processes of many releases.
//!
//! Each line of `fixtures/boots/engine.jsonl` is a deployment: `config` and `rules` files in order,
//! `args`, `env`, and a description of the `machine`, with defaults for omitted keys. `starts` and
//! `traces` map outcomes to releases. A start is `ready`, `exits`, `never ready`, or `no peers` if the
//! node is ready but does not listen for peers. Traces were sent to the target `t` or an unlisted one:
//! first an ordinary trace and, if the process survived, one that reaches a certain rule (`some` if
//! that one crashed it).

#![allow(clippy::expect_used, clippy::unwrap_used)]
#![allow(clippy::print_stdout, reason = "print differences")]

use refinery_preflight::internals::config::environment::Environment;
use refinery_preflight::internals::rehearse::{Host, Launch, Rehearsal, rehearse};
use refinery_preflight::internals::schema::{Kind, Release, Schema};
use refinery_preflight::internals::span::Files;
use refinery_preflight::internals::syntax::{DataFormat, Document};
use refinery_preflight::internals::verdict::{FirstTrace, StartUp};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The machine of all runs, without access to Honeycomb.
const MACHINE: &str = "cores = 2\nreplicas = 1\ninterfaces = {lo = [\"127.0.0.1\", \"::1\"]}\n";

const CONFIG: &str = "General:\n  ConfigurationVersion: 2\n";
const RULES: &str =
    "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      SampleRate: 1\n";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default = "usual_config")]
    config: Vec<File>,
    #[serde(default = "usual_rules")]
    rules: Vec<File>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    machine: String,
    starts: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    traces: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct File {
    name: String,
    text: String,
}

fn usual_config() -> Vec<File> {
    vec![File { name: "config.yaml".to_owned(), text: CONFIG.to_owned() }]
}

fn usual_rules() -> Vec<File> {
    vec![File { name: "rules.yaml".to_owned(), text: RULES.to_owned() }]
}

fn read(all: &[File], files: &mut Files) -> Vec<Document> {
    let read = |file: &File| {
        let extension = Path::new(&file.name).extension().expect("an extension");
        let format = DataFormat::of_extension(extension.to_str().expect("text")).expect("known");
        let id = files.add(file.name.as_str(), &file.text);
        Document::read(id, format, &files.get(id).text)
    };
    all.iter().map(read).collect()
}

impl Case {
    fn rehearse(&self, schemas: &[Schema; 2]) -> Rehearsal {
        let mut files = Files::default();
        let (config, rules) = (read(&self.config, &mut files), read(&self.rules, &mut files));
        let mut variables = self.env.clone();
        variables.insert("REFINERY_HONEYCOMB_API".to_owned(), "http://127.0.0.1:9".to_owned());
        let environment = Environment::new(variables, true);
        let launch = Launch { arguments: &self.args, environment: &environment };
        let host = Host::parse(&format!("{}{MACHINE}", self.machine)).expect("a machine");
        rehearse((&schemas[0], &schemas[1]), &config, &rules, &[], launch, &host)
    }

    fn differences(&self, release: Release, schemas: &[Schema; 2]) -> Vec<String> {
        let mut differences = Vec::new();
        let name = release.to_string();
        let find = |outcomes: &BTreeMap<String, Vec<String>>| {
            let all = outcomes.iter().find(|(_, releases)| releases.contains(&name));
            all.map(|(outcome, _)| outcome.clone())
        };
        let Some(start) = find(&self.starts) else { return differences };
        let rehearsal = self.rehearse(schemas);
        let messages: Vec<_> = rehearsal.findings.iter().map(|f| f.message.as_str()).collect();
        let ours = word(&rehearsal);
        let expected = if start == "ready" { "ready" } else { "fails" };
        if ours != expected {
            let on = rehearsal.verdict.machine.join("; ");
            differences.push(format!("ours {ours} ({on}), recorded {start}: {messages:?}"));
        } else if let Some(recorded) = find(&self.traces) {
            let ours = first_trace(&rehearsal);
            if ours != recorded {
                differences.push(format!("traces: ours {ours}, recorded {recorded}: {messages:?}"));
            }
        }
        differences.into_iter().map(|text| format!("{} on {release}: {text}", self.name)).collect()
    }
}

fn word(rehearsal: &Rehearsal) -> &'static str {
    match rehearsal.verdict.start_up {
        StartUp::Refused | StartUp::NeverReady => "fails",
        StartUp::Ready => "ready",
        StartUp::Depends => "depends",
    }
}

/// The outcome of traces for `t`.
fn first_trace(rehearsal: &Rehearsal) -> &'static str {
    let of = |name: &str| {
        let all = rehearsal.verdict.first_trace.iter().find(|(target, _)| target == name);
        all.map(|(_, fate)| *fate)
    };
    match of("t").or_else(|| of("an-unlisted-one")) {
        Some(FirstTrace::Crashes) => "dies",
        Some(FirstTrace::CrashesOnSome) => "some",
        _ => "survives",
    }
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/boots/engine.jsonl");
    let text = std::fs::read_to_string(path).expect("the recordings");
    text.lines().map(|line| serde_json::from_str(line).expect("a case")).collect()
}

#[test]
fn every_process_behaves_as_recorded() {
    let cases = cases();
    let of = |case: &Case| -> Vec<String> { case.starts.values().flatten().cloned().collect() };
    let releases: BTreeSet<Release> =
        cases.iter().flat_map(of).filter_map(|name| Release::parse(&name)).collect();
    let answers: usize = cases.iter().map(|case| of(case).len()).sum();
    let mut differences = Vec::new();
    for &release in &releases {
        let schemas = Kind::ALL.map(|kind| Schema::new(kind, release));
        differences.extend(cases.iter().flat_map(|case| case.differences(release, &schemas)));
    }
    assert!(
        differences.is_empty(),
        "{} answers differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
    assert!(answers > 7000 && releases.len() >= 22, "{answers} of {}", releases.len());
}
