//! Loads the recorded cases of `fixtures/conformance`.

use refinery_preflight::internals::config::environment::Environment;
use refinery_preflight::internals::release::{Evidence, Release, known, releases};
use refinery_preflight::internals::span::Files;
use refinery_preflight::internals::syntax::{DataFormat, Document};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// A recorded deployment: a valid one with a small change.
pub struct Case {
    pub id: String,
    pub kind: String,
    pub text: String,
    /// The changed file, if any.
    pub base: Option<String>,
    config_ext: String,
    rules_ext: String,
    answers: Map<String, Value>,
}

pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/conformance"))
}

pub fn base(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).expect("a base file")
}

/// The recorded releases, oldest first.
pub fn recorded() -> Vec<Release> {
    let is_proved = |r: &Release| known(*r).is_some_and(|k| k.evidence == Evidence::Proved);
    releases().into_iter().filter(is_proved).collect()
}

/// The newest recorded release, for which all stages were recorded.
pub fn newest_recorded() -> Release {
    *recorded().last().expect("a release")
}

/// All cases, in order.
pub fn cases() -> Vec<Case> {
    ["structure", "values", "targeted"]
        .iter()
        .flat_map(|part| {
            let lines = base(&format!("cases-{part}.jsonl"));
            lines.lines().map(read_case).collect::<Vec<_>>()
        })
        .collect()
}

fn read_case(line: &str) -> Case {
    let Ok(Value::Object(answers)) = serde_json::from_str(line) else { panic!("no case: {line}") };
    let text = |name: &str| answers.get(name).and_then(Value::as_str).map(str::to_owned);
    Case {
        id: text("id").expect("an id"),
        kind: text("kind").expect("a kind"),
        text: text("text").unwrap_or_else(|| edited(&answers)),
        base: text("base"),
        config_ext: text("config_ext").unwrap_or_else(|| "yaml".to_owned()),
        rules_ext: text("rules_ext").unwrap_or_else(|| "yaml".to_owned()),
        answers,
    }
}

/// Each edit replaces lines of the unedited base.
fn edited(case: &Map<String, Value>) -> String {
    let base = base(&format!("base-{}.yaml", case["base"].as_str().expect("a base")));
    let lines: Vec<&str> = base.split('\n').collect();
    let mut result: Vec<String> = Vec::new();
    let mut at = 0;
    for edit in case["edits"].as_array().expect("edits") {
        let bound = |i: usize| usize::try_from(edit[i].as_u64().expect("a line")).expect("small");
        result.extend(lines[at..bound(0)].iter().map(|l| (*l).to_owned()));
        let new = edit[2].as_array().expect("lines").iter();
        result.extend(new.map(|l| l.as_str().expect("a line").to_owned()));
        at = bound(1);
    }
    result.extend(lines[at..].iter().map(|l| (*l).to_owned()));
    result.join("\n")
}

impl Case {
    /// `yes`, `warn`, `no` or `crash`.
    pub fn start(&self, release: Release) -> &str {
        let word = match &self.answers["start"] {
            Value::Object(since) => since
                .iter()
                .rfind(|(first, _)| Release::parse(first).expect("a release") <= release)
                .map(|(_, word)| word)
                .expect("a word for the release"),
            word => word,
        };
        word.as_str().expect("a word")
    }

    pub fn answer(&self, name: &str) -> Option<&Value> {
        self.answers.get(name)
    }

    /// The environment with only the recorded variables.
    pub fn environment(&self) -> Environment {
        let standard = [
            ("SET_TO_ABC", "abc"),
            ("SET_EMPTY", ""),
            ("SET_TO_10S", "10s"),
            ("SET_TO_HOSTPORT", "h:1"),
        ];
        let set = if self.answers.contains_key("env") { &standard[..] } else { &[] };
        let known: BTreeMap<_, _> =
            set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Environment::new(known, true)
    }

    /// The config and rules; `None` if Refinery does not know a file extension.
    pub fn documents(&self) -> Option<([Document; 1], [Document; 1])> {
        let (config, rules) = match self.kind.as_str() {
            "config" => (self.text.clone(), base("base-rules-min.yaml")),
            _ => (base("base-config-min.yaml"), self.text.clone()),
        };
        let mut files = Files::default();
        let mut read = |name: &str, extension: &str, text: String| {
            let format = DataFormat::of_extension(extension)?;
            let file = files.add(name, text);
            Some([Document::read(file, format, &files.get(file).text)])
        };
        Some((read("config", &self.config_ext, config)?, read("rules", &self.rules_ext, rules)?))
    }
}
