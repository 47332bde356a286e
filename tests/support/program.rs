//! Runs the program in a temporary folder, isolated from the environment of this machine.

use assert_cmd::Command;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A config and rules with which the newest release starts.
pub const CONFIG: &str = "Collection:\n  MaxAlloc: 3Gb\nGeneral:\n  ConfigurationVersion: 2\n";
pub const RULES: &str =
    "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      SampleRate: 1\n";
/// A wrongly indented key, with which no release starts.
pub const BROKEN: &str = "General:\n  ConfigurationVersion: 2\n Network:\n";

/// Whether a new process accepts the files, from a verdict of the JSON report: `yes`, `no`, or
/// `depends` on variables. Whether it becomes ready may also depend on the machine.
pub fn acceptance(verdict: &Json) -> &'static str {
    let needs = verdict["depends_on"].as_array().expect("a list");
    if verdict["start_up"] == "refused" {
        "no"
    } else if needs.iter().any(|need| need["variable"].is_string()) {
        "depends"
    } else {
        "yes"
    }
}

/// A folder that is deleted at the end of its test.
pub struct Folder(TempDir);

impl Folder {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
        path
    }

    /// Runs the program in this folder.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments))
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_refinery-preflight"));
        command.env_clear().current_dir(self.path()).args(arguments);
        command
    }
}

/// The result of a run.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub output: String,
    pub errors: String,
}

impl Ran {
    pub fn of(mut command: Command) -> Self {
        let ran = command.output().expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            status: ran.status.code().expect("no signal ends it"),
            output: text(ran.stdout),
            errors: text(ran.stderr),
        }
    }
}
