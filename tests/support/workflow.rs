//! A small runner that executes the scripts of an action or a job with bash, like GitHub.
//!
//! Supports only those features that our files use, and panics on everything else.

use crate::repository::{Ran, Repository};
use refinery_preflight::internals::span::FileId;
use refinery_preflight::internals::syntax::{DataFormat, Document, Item, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const STEP_KEYS: [&str; 6] = ["name", "id", "shell", "env", "working-directory", "run"];

/// Parses a YAML text.
pub fn parse(text: &str) -> Item {
    let document = Document::read(FileId(0), DataFormat::Yaml, text);
    assert!(document.findings.is_empty(), "{:?}", document.findings);
    document.item.expect("YAML")
}

/// Reads a YAML file of this repository.
pub fn read(name: &str) -> Item {
    parse(&fs::read_to_string(Path::new(ROOT).join(name)).expect(name))
}

/// The value at a path of keys.
pub fn at<'i>(item: &'i Item, keys: &[&str]) -> &'i Item {
    keys.iter().fold(item, |item, key| item.get(key).unwrap_or_else(|| panic!("no `{key}`")))
}

pub fn list(item: &Item) -> &[Item] {
    match &item.value {
        Value::List(items) => items,
        other => panic!("{} and no list", other.noun()),
    }
}

/// A value as a string, like in a GitHub variable.
pub fn text(item: &Item) -> String {
    match &item.value {
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Bool(is) => is.to_string(),
        other => panic!("{} and no text", other.noun()),
    }
}

/// The result of steps.
#[derive(Debug, Default)]
pub struct Outcome {
    pub status: i32,
    /// Both streams, in which GitHub looks for commands.
    pub log: String,
    /// The job summary.
    pub summary: String,
    /// The declared outputs of an action; for steps, names such as `steps.check.outputs.errors`.
    pub outputs: BTreeMap<String, String>,
}

/// The runner of a job.
pub struct Runner<'r> {
    repository: &'r Repository,
    temporary: TempDir,
    /// Set for every step.
    pub variables: BTreeMap<String, String>,
    /// The values of expressions.
    pub context: BTreeMap<String, String>,
}

impl<'r> Runner<'r> {
    /// A runner with a repository checked out and this program on `PATH`.
    pub fn new(repository: &'r Repository) -> Self {
        let temporary = tempfile::tempdir().expect("a folder");
        let program = Path::new(env!("CARGO_BIN_EXE_refinery-preflight")).parent().unwrap();
        let variables = [
            ("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", program.display())),
            ("RUNNER_OS", "Linux".to_owned()),
            ("RUNNER_ARCH", "X64".to_owned()),
            ("RUNNER_TEMP", temporary.path().display().to_string()),
            ("GITHUB_ACTION_PATH", ROOT.to_owned()),
            ("GITHUB_WORKSPACE", repository.path().display().to_string()),
            ("GITHUB_REPOSITORY", "ada/engines".to_owned()),
            ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
        Self { repository, temporary, variables, context: BTreeMap::new() }
    }

    /// The job's temporary folder.
    pub fn temporary(&self) -> &Path {
        self.temporary.path()
    }

    /// Runs a composite action, with defaults for all other inputs.
    pub fn act(&mut self, action: &Item, inputs: &[(&str, &str)]) -> Outcome {
        for input in at(action, &["inputs"]).entries() {
            let default = text(at(&input.item, &["default"]));
            self.context.insert(format!("inputs.{}", input.key), default);
        }
        for (name, value) in inputs {
            let known = self.context.insert(format!("inputs.{name}"), (*value).to_owned());
            assert!(known.is_some(), "no input `{name}`");
        }
        for (name, value) in [("action_repository", "ada/preflight"), ("token", "secret")] {
            self.context.insert(format!("github.{name}"), value.to_owned());
        }
        let outcome = self.run(list(at(action, &["runs", "steps"])));
        let value = |output: &Item| self.evaluate(&text(at(output, &["value"])));
        let outputs = at(action, &["outputs"]).entries().iter();
        let outputs = outputs.map(|entry| (entry.key.clone(), value(&entry.item))).collect();
        Outcome { outputs, ..outcome }
    }

    /// Runs steps until one fails.
    pub fn run(&mut self, steps: &[Item]) -> Outcome {
        let mut outcome = Outcome::default();
        for (index, step) in steps.iter().enumerate() {
            if outcome.status == 0 {
                self.step(step, index, &mut outcome);
            }
        }
        outcome
    }

    fn step(&mut self, step: &Item, index: usize, outcome: &mut Outcome) {
        for entry in step.entries() {
            assert!(STEP_KEYS.contains(&&*entry.key), "`{}` is not known to this", entry.key);
        }
        let [script, outputs, summary] = ["script", "outputs", "summary"]
            .map(|what| self.temporary().join(format!("{index}.{what}")));
        let run = text(at(step, &["run"]));
        assert!(!run.contains("${{"), "an expression within a script: {run}");
        fs::write(&script, run).unwrap();
        fs::write(&outputs, "").unwrap();
        fs::write(&summary, "").unwrap();
        let folder = step.get("working-directory").map(|folder| self.evaluate(&text(folder)));
        let script = script.display().to_string();
        let arguments = ["--noprofile", "--norc", "-eo", "pipefail", &script];
        // One pipe keeps the lines in order.
        let words = [&["-c", "exec \"$@\" 2>&1", "sh", "bash"], &arguments[..]].concat();
        let mut command = self.repository.command("sh", &folder.unwrap_or_default(), &words);
        command.envs(&self.variables);
        command.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary);
        for entry in step.get("env").map(Item::entries).unwrap_or_default() {
            command.env(&entry.key, self.evaluate(&text(&entry.item)));
        }
        let ran = Ran::of(&mut command);
        outcome.status = ran.status;
        outcome.log += &ran.output;
        outcome.summary += &fs::read_to_string(summary).unwrap();
        let id = step.get("id").map(text).unwrap_or_default();
        for line in fs::read_to_string(outputs).unwrap().lines() {
            let (name, value) = line.split_once('=').expect("an output");
            outcome.outputs.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
        self.context.extend(outcome.outputs.clone());
    }

    /// Our texts contain at most one expression. Outputs that are not set are empty, and `||` may
    /// provide a literal for empty values.
    fn evaluate(&self, text: &str) -> String {
        let Some(expression) = text.strip_prefix("${{ ").and_then(|t| t.strip_suffix(" }}")) else {
            assert!(!text.contains("${{"), "only whole expressions are known: {text}");
            return text.to_owned();
        };
        let (name, otherwise) = match expression.split_once(" || '") {
            Some((name, literal)) => (name, literal.strip_suffix('\'').expect("a literal")),
            None => (expression, ""),
        };
        let value = self.context.get(name).filter(|value| !value.is_empty());
        let is_known = self.context.contains_key(name) || name.starts_with("steps.");
        assert!(is_known, "`{name}` is not known to this");
        value.map_or(otherwise, String::as_str).to_owned()
    }
}

/// Runs our action in a repository, with the program on `PATH`.
pub fn act(repository: &Repository, inputs: &[(&str, &str)]) -> Outcome {
    let inputs = [&[("version", "installed")], inputs].concat();
    Runner::new(repository).act(&read("action.yml"), &inputs)
}

/// The workflow commands in a log. GitHub accepts spaces before `::`, and the older `##[` anywhere,
/// and ignores commands between `stop-commands` and its token.
pub fn commands(log: &str) -> Vec<&str> {
    let mut word: Option<String> = None;
    let mut commands = Vec::new();
    for line in log.lines() {
        let trimmed = line.trim_start();
        if let Some(awaited) = &word {
            if trimmed == format!("::{awaited}::") || line.contains(&format!("##[{awaited}]")) {
                word = None;
            }
        } else if let Some(given) = trimmed.strip_prefix("::stop-commands::") {
            word = Some(given.to_owned());
        } else if trimmed.starts_with("::") || line.contains("##[") {
            commands.push(line);
        }
    }
    assert_eq!(word, None, "commands stay stopped");
    commands
}
