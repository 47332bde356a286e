//! Repositories as they are, without a change to compare with, each in a file of
//! `tests/integration/plain`: what is named and missing or unusable blocks in `check` and in the hook, and
//! what other tools bring or replace does not.
//!
//! A first line says `Passes.` or names the check that blocks. Files follow, each after a line
//! `-- path --`. `@config@` and `@rules@` stand for the files of Refinery, and `@broken config@` and
//! `@broken rules@` for some with which it does not start, indented as the place in the line is.

use crate::cases::cases;
use crate::repository::Repository;

const FILES: [(&str, &str); 4] = [
    ("@config@\n", "General:\n  ConfigurationVersion: 2\nTraces:\n  TraceTimeout: 90s\n"),
    (
        "@rules@\n",
        "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      SampleRate: 1\n",
    ),
    (
        "@broken config@\n",
        "General:\n  ConfigurationVersion: 2\nTraces:\n  TraceTimeout: 90s\n    SendDelay: 2s\n",
    ),
    (
        "@broken rules@\n",
        "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler: {SampleRate:1}\n",
    ),
];

/// The first line of a repository that nothing blocks.
const PASSES: &str = "Passes.";

const DOORS: [&[&str]; 3] = [&["check"], &["hook", "run"], &["check", "--since", "HEAD"]];

/// A line with the files of Refinery in it.
fn filled(line: &str) -> String {
    for (token, text) in FILES {
        if let Some(indent) = line.strip_suffix(token) {
            return text.lines().map(|one| format!("{indent}{one}\n")).collect();
        }
    }
    line.to_owned()
}

/// Writes the files of a case, and adds them to the index.
pub fn write(repository: &Repository, text: &str) {
    for part in text.split("\n-- ").skip(1) {
        let (name, text) = part.split_once(" --\n").unwrap();
        let lines = format!("{}\n", text.trim_end_matches('\n'));
        let lines: String = lines.split_inclusive('\n').map(filled).collect();
        repository.write(name, &lines);
    }
    repository.git(&["add", "."]);
}

#[test]
fn what_is_missing_or_unusable_blocks_without_a_change() {
    let mut wrong = Vec::new();
    for (own, text) in cases("plain", 40) {
        let (expected, _) = text.split_once('\n').unwrap();
        let repository = Repository::new("main");
        repository.write("other.txt", "x\n");
        repository.commit_all("Begin");
        write(&repository, &text);
        for door in DOORS {
            let ran = repository.run(door);
            let is_right = if expected == PASSES {
                let nothing = ["nothing to check", "no Refinery config or rules file"];
                let is_nothing = ran.status == 2 && nothing.iter().any(|it| ran.all().contains(it));
                ran.status == 0 || is_nothing && door == ["check"]
            } else {
                ran.status == 1 && ran.all().contains(&format!("error[{expected}]"))
            };
            if !is_right {
                wrong.push(format!("{own}: {door:?}: status {}: {}", ran.status, ran.all()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
