//! Compares how several files, flags, variables and unusual values are loaded with recordings of each
//! release.
//!
//! `fixtures/loading/engine.jsonl` has deployments with `config` and `rules` files in order, `args` and
//! `env` of the process, and `no_validate`. `answers` say for a range of releases whether the process
//! loads them, and some effective values.

use refinery_preflight::internals::config::environment::Environment;
use refinery_preflight::internals::rehearse::{Acceptance, Launch, Start, check_start_up};
use refinery_preflight::internals::report::effective::{Effective, Texts};
use refinery_preflight::internals::schema::{Kind, Release, Schema, releases};
use refinery_preflight::internals::span::Files;
use refinery_preflight::internals::syntax::{DataFormat, Document};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Effective values are compared from this release on: older releases print some values differently.
const FIRST_COMPARED: &str = "v2.8.0";

struct Case(Map<String, Value>);

impl Case {
    fn name(&self) -> &str {
        self.0["name"].as_str().expect("a name")
    }

    fn list(&self, name: &str) -> Vec<&Value> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().collect()
    }

    fn arguments(&self) -> Vec<String> {
        let words = self.list("args").into_iter();
        let mut words: Vec<String> =
            words.map(|word| word.as_str().expect("a word").to_owned()).collect();
        if self.0.contains_key("no_validate") {
            words.push("--no-validate".to_owned());
        }
        words
    }

    fn environment(&self) -> Environment {
        let set = self.0.get("env").and_then(Value::as_object).into_iter().flatten();
        let known: BTreeMap<String, String> =
            set.map(|(k, v)| (k.clone(), v.as_str().expect("a text").to_owned())).collect();
        Environment::new(known, true)
    }

    fn documents(&self, kind: &str, files: &mut Files) -> Vec<Document> {
        let read = |file: &Value| {
            let name = file["name"].as_str().expect("a name");
            let extension = Path::new(name).extension().expect("an extension");
            let format = DataFormat::of_extension(extension.to_str().expect("text"));
            let id = files.add(name, file["text"].as_str().expect("a text"));
            Document::read(id, format.expect("a known format"), &files.get(id).text)
        };
        self.list(kind).into_iter().map(read).collect()
    }

    fn start(&self, schemas: &[Schema; 2], files: &mut Files) -> Start {
        let (config, rules) = (self.documents("config", files), self.documents("rules", files));
        let (arguments, environment) = (self.arguments(), self.environment());
        let launch = Launch { arguments: &arguments, environment: &environment };
        check_start_up((&schemas[0], &schemas[1]), &config, &rules, &[], launch)
    }
}

/// The first and last release of an answer. Those in between are not tested.
fn ends(answer: &Value) -> Vec<Release> {
    let end = |name: &str| Release::parse(answer[name].as_str().expect("a name")).expect("known");
    let mut ends = vec![end("from"), end("to")];
    ends.dedup();
    ends
}

fn disagreement(case: &Case, answer: &Value, schemas: &[Schema; 2]) -> Option<String> {
    let mut files = Files::default();
    let start = case.start(schemas, &mut files);
    let release = schemas[0].release;
    let recorded = answer["start"].as_str().expect("a word");
    let expected = if ["yes", "warn"].contains(&recorded) {
        Acceptance::Accepted
    } else {
        Acceptance::Refused
    };
    if start.acceptance != expected {
        let messages: Vec<_> = start.findings().map(|f| f.message.as_str()).collect();
        let ours = start.acceptance;
        return Some(format!(
            "{} on {release}: ours {ours:?}, recorded {recorded}: {messages:?}",
            case.name()
        ));
    }
    let is_compared = release >= Release::parse(FIRST_COMPARED)?;
    let values = answer.get("effective").and_then(Value::as_object).filter(|_| is_compared)?;
    let effective = Effective {
        texts: Texts::of_all(&files),
        config: Some((&schemas[0], &start.config)),
        rules: None,
    };
    let ours = effective.to_json();
    let differing: Vec<String> = values
        .iter()
        .filter(|(key, value)| {
            let ours = &ours["config"][key.as_str()]["value"];
            !ours.to_string().contains("********") && numbers(ours) != numbers(value)
        })
        .map(|(key, value)| {
            format!("{key}: ours {}, recorded {value}", ours["config"][key]["value"])
        })
        .collect();
    (!differing.is_empty())
        .then(|| format!("{} on {release}: {}", case.name(), differing.join("; ")))
}

/// Converts all numbers to floats, so that `2.0` equals `2`.
fn numbers(value: &Value) -> Value {
    value.as_f64().map_or_else(|| value.clone(), |number| json!(number))
}

#[test]
fn every_release_loads_as_recorded() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/loading/engine.jsonl");
    let text = std::fs::read_to_string(path).expect("the recordings");
    let cases: Vec<Case> =
        text.lines().map(|line| Case(serde_json::from_str(line).expect("a case"))).collect();
    assert!(cases.len() > 750, "only {} cases", cases.len());
    let mut disagreements = Vec::new();
    for release in releases() {
        let schemas = Kind::ALL.map(|kind| Schema::new(kind, release));
        for case in &cases {
            let asked = case.list("answers").into_iter().filter(|a| ends(a).contains(&release));
            disagreements.extend(asked.filter_map(|answer| disagreement(case, answer, &schemas)));
        }
    }
    for line in disagreements.iter().take(60) {
        println!("{line}");
    }
    assert!(disagreements.is_empty(), "{} answers differ", disagreements.len());
}
