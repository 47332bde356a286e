//! README, held to what the program does.
//!
//! Its console blocks are run and compared letter by letter, its table of checks with the register,
//! its links with what is there. `RECORD=1` writes the outputs and the table anew; read what changed.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::format_collect,
    clippy::format_push_string
)]

use refinery_preflight::diagnostic::checks;
use refinery_preflight::settings::ProjectSettings;
use serde_json::Value as Json;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const PROGRAM: &str = env!("CARGO_BIN_EXE_refinery-preflight");
const CONSOLE: &str = "```console\n";
const FENCE: &str = "```\n";
const TABLE: [&str; 2] = ["<!-- checks -->\n", "<!-- /checks -->\n"];

fn readme() -> String {
    fs::read_to_string(README).expect("README.md")
}

/// README as it ought to be.
fn rewritten(readme: &str) -> String {
    let (before, rest) = readme.split_once(TABLE[0]).expect("the table begins");
    let (_, after) = rest.split_once(TABLE[1]).expect("the table ends");
    with_outputs(&format!("{before}{}{}{}{after}", TABLE[0], table(), TABLE[1]))
}

fn table() -> String {
    let mut table = "| check | severity | what it finds |\n|---|---|---|\n".to_owned();
    for check in checks() {
        let (id, word, summary) = (check.id, check.severity.word(), check.summary);
        writeln!(table, "| `{id}` | {word} | {} |", summary.replace('|', "\\|")).expect("memory");
    }
    table
}

fn with_outputs(text: &str) -> String {
    // README's sessions write there; where builds go elsewhere, nobody has made it yet.
    fs::create_dir_all(Path::new(ROOT).join("target")).expect("a folder");
    let mut blocks = text.split(CONSOLE);
    let mut result = blocks.next().expect("a beginning").to_owned();
    for block in blocks {
        let (session, after) = block.split_once(FENCE).expect("the block ends");
        let _ = write!(result, "{CONSOLE}{}{FENCE}{after}", replay(session));
    }
    result
}

/// A session's commands, each followed by what it says.
fn replay(session: &str) -> String {
    let commands = session.lines().filter_map(|line| line.strip_prefix("$ "));
    commands.map(|command| format!("$ {command}\n{}", run(command))).collect()
}

/// What a command writes to both streams, in a shell that has the program on its path.
fn run(command: &str) -> String {
    let folder = Path::new(PROGRAM).parent().expect("a folder");
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(ROOT)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn readme_says_what_the_program_says() {
    let (readme, expected) = (readme(), rewritten(&readme()));
    if std::env::var_os("RECORD").is_some() {
        fs::write(README, &expected).expect("README.md can be written");
        return;
    }
    let differs = readme.lines().zip(expected.lines()).position(|(a, b)| a != b);
    let line = differs.map(|index| index + 1);
    assert_eq!(readme, expected, "from line {line:?} on; RECORD=1 writes it anew");
}

#[test]
fn every_session_has_a_command_and_every_command_speaks() {
    let text = readme();
    let sessions: Vec<&str> =
        text.split(CONSOLE).skip(1).filter_map(|block| Some(block.split_once(FENCE)?.0)).collect();
    assert!(sessions.len() >= 8, "only {} sessions", sessions.len());
    for session in sessions {
        let lines: Vec<&str> = session.lines().collect();
        assert!(lines.first().is_some_and(|line| line.starts_with("$ ")), "{session}");
        assert!(lines.last().is_some_and(|line| !line.starts_with("$ ")), "{session}");
    }
}

#[test]
fn the_first_command_shows_the_fault() {
    let text = readme();
    let mut commands = text.lines().filter_map(|line| line.strip_prefix("cargo run "));
    let arguments = commands.next().and_then(|line| line.split_once(" -- ")).expect("cargo run").1;
    let said = run(&format!("refinery-preflight {arguments}; echo \"status $?\""));
    assert!(said.contains("error[syntax/invalid-yaml]"), "{said}");
    assert!(said.ends_with("status 1\n"), "{said}");
}

#[test]
fn the_settings_in_readme_can_be_read() {
    let text = readme();
    let blocks = text.split("  ```toml\n").skip(1);
    let settings: Vec<&str> = blocks.filter_map(|b| Some(b.split_once("  ```\n")?.0)).collect();
    assert!(!settings.is_empty(), "README shows settings");
    for text in settings {
        let settings = ProjectSettings::parse(text).expect("settings");
        assert!(!settings.deployments.is_empty() && !settings.exceptions.is_empty(), "{text}");
    }
}

#[test]
fn exactly_one_command_runs_the_tests() {
    let text = readme();
    let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("cargo test")).collect();
    assert_eq!(commands, ["cargo test --locked"]);
    let ci = fs::read_to_string(Path::new(ROOT).join(".ci/run")).expect(".ci/run");
    assert!(ci.contains("sed -n '/^cargo test/p' README.md"), ".ci/run runs README's command");
}

#[test]
fn json_in_readme_is_as_its_schema_says() {
    let schema = fs::read_to_string(Path::new(ROOT).join("schemas/report.schema.json")).unwrap();
    let schema: Json = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let text = readme();
    let mut shown = 0;
    for block in text.split(CONSOLE).skip(1) {
        let session = block.split_once(FENCE).expect("the block ends").0;
        let (command, output) = session.split_once('\n').expect("a command");
        if command.contains("--output-format json") {
            let report: Json = serde_json::from_str(output).expect("JSON");
            let faults: Vec<_> = validator.iter_errors(&report).map(|e| e.to_string()).collect();
            assert!(faults.is_empty(), "{faults:?}");
            shown += 1;
        }
    }
    assert!(shown > 0, "README shows a report in JSON");
}

/// Targets of links and paths in code spans that name something of this repository.
fn paths(text: &str) -> Vec<&str> {
    let links = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    let folders = ["fixtures/", "schemas/", "tests/", "src/", ".ci/"];
    let is_path =
        |span: &&str| !span.contains(' ') && folders.iter().any(|folder| span.starts_with(folder));
    let spans = text.split('`').skip(1).step_by(2).filter(is_path);
    links.filter(|link| !link.contains("://") && !link.starts_with('#')).chain(spans).collect()
}

#[test]
fn every_path_in_readme_exists() {
    let text = readme();
    let paths = paths(&text);
    assert!(paths.len() >= 4, "only {paths:?}");
    let missing: Vec<_> =
        paths.iter().filter(|path| !Path::new(ROOT).join(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
