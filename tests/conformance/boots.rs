//! Compares start-up, live reloads and first traces with recordings of whole processes of many
//! releases.
//!
//! Each line of the files in `fixtures/boots` is a deployment: `config` and `rules` files in order,
//! `args`, `env`, and a description of the `machine`, with defaults for omitted keys. `starts`,
//! `reloads` and `traces` map outcomes to releases. A start is `ready`, `exits`, `never ready`, or
//! `no peers` if the node is ready but does not listen for peers. Reloads are `accepted`, `rejected`,
//! `crashes` or `freezes`. Traces were sent to the target `t` or an unlisted one: first an ordinary
//! trace and, if the process survived, one that reaches a certain rule (`some` if that one crashed
//! it); or random ones, whose outcome is `dies` if each ended the process.

use refinery_preflight::internals::config::environment::Environment;
use refinery_preflight::internals::rehearse::{Host, Launch, Rehearsal, rehearse};
use refinery_preflight::internals::schema::{Kind, Release, Schema};
use refinery_preflight::internals::span::Files;
use refinery_preflight::internals::syntax::{DataFormat, Document};
use refinery_preflight::internals::verdict::{FirstTrace, LiveReload, StartUp};
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
    #[serde(default)]
    starts: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    reloads: BTreeMap<String, Vec<String>>,
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

    /// All releases of which something is recorded; one for each outcome.
    fn answers(&self) -> impl Iterator<Item = &String> {
        [&self.starts, &self.reloads, &self.traces].into_iter().flat_map(BTreeMap::values).flatten()
    }

    fn differences(&self, release: Release, schemas: &[Schema; 2]) -> Vec<String> {
        let name = release.to_string();
        let find = |outcomes: &BTreeMap<String, Vec<String>>| {
            let all = outcomes.iter().find(|(_, releases)| releases.contains(&name));
            all.map(|(outcome, _)| outcome.clone())
        };
        let recorded = [&self.starts, &self.reloads, &self.traces].map(find);
        if recorded.iter().all(Option::is_none) {
            return Vec::new();
        }
        let rehearsal = self.rehearse(schemas);
        let messages: Vec<_> = rehearsal.findings.iter().map(|f| f.message.as_str()).collect();
        let on = rehearsal.verdict.machine.join("; ");
        let starts = word(&rehearsal);
        let of_start = |start: &str| if start == "ready" { "ready" } else { "fails" };
        let [start, reload, trace] = recorded;
        let expected = start.as_deref().map(of_start);
        let is_traced = expected.is_none_or(|expected| expected == starts);
        [
            ("start", expected, starts),
            ("reload", reload.as_deref(), reload_word(&rehearsal)),
            ("traces", trace.as_deref().filter(|_| is_traced), first_trace(&rehearsal)),
        ]
        .into_iter()
        .filter_map(|(what, recorded, ours)| {
            let recorded = recorded.filter(|recorded| *recorded != ours)?;
            let text = format!("{what}: ours {ours} ({on}), recorded {recorded}: {messages:?}");
            Some(format!("{} on {release}: {text}", self.name))
        })
        .collect()
    }
}

fn word(rehearsal: &Rehearsal) -> &'static str {
    match rehearsal.verdict.start_up {
        StartUp::Refused | StartUp::NeverReady => "fails",
        StartUp::Ready => "ready",
        StartUp::Depends => "depends",
    }
}

/// A process that accepts files may freeze as it does so.
fn reload_word(rehearsal: &Rehearsal) -> &'static str {
    let freezes = || rehearsal.findings.iter().any(|f| f.check.id == "reload/freezes");
    match rehearsal.verdict.live_reload {
        LiveReload::Accepted if freezes() => "freezes",
        reload => reload.word(),
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
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/boots");
    let files = std::fs::read_dir(folder).expect("the recordings");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let read = |path| std::fs::read_to_string(path).expect("recordings");
    let texts: Vec<String> = paths.into_iter().map(read).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.map(|line| serde_json::from_str(line).expect("a case")).collect()
}

#[test]
fn every_process_behaves_as_recorded() {
    let cases = cases();
    let releases: BTreeSet<Release> =
        cases.iter().flat_map(Case::answers).filter_map(|name| Release::parse(name)).collect();
    let answers = cases.iter().map(|case| case.answers().count()).sum::<usize>();
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
    assert!(answers > 9000 && releases.len() >= 26, "{answers} of {}", releases.len());
}
