//! Realistic set-ups, each in a file of `tests/integration/set_ups`: with good files they pass, with broken or
//! empty ones they block, whatever tool brings the files to Refinery: as they are, committed, staged
//! and since the last commit.
//!
//! A file lists the files of a set-up, each after a line `-- path --`. `@config@` and `@rules@` stand
//! for the files of Refinery, indented as the place in the line is; `@config:base64@` and
//! `@config:gzip@` for their encoded bytes. A first line says what an empty config means there.

use crate::cases::cases;
use crate::repository::{Ran, Repository};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

const CONFIG: &str = "General:\n  ConfigurationVersion: 2\nTraces:\n  TraceTimeout: 90s\n";
const RULES: &str =
    "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      SampleRate: 1\n";

/// Config and rules of which one does not start.
const BROKEN: [(&str, &str); 9] = [
    (
        "General:\n  ConfigurationVersion: 2\nTraces:\n  TraceTimeout: 90s\n    SendDelay: 2s\n",
        RULES,
    ),
    ("General:\n  ConfigurationVersion: 2\nTraces: {TraceTimeout:90s}\n", RULES),
    (
        CONFIG,
        "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler: {SampleRate:1}\n",
    ),
    (CONFIG, "# none\n"),
    ("{}\n", RULES),
    ("404: Not Found\n", RULES),
    ("general:\n  configurationversion: 2\n", RULES),
    (CONFIG, "- a\n"),
    (CONFIG, "<<<<<<< HEAD\nRulesVersion: 2\n=======\nRulesVersion: 2\n>>>>>>> other\n"),
];

/// How the files are checked.
const DOORS: [&[&str]; 3] = [&["check"], &["hook", "run"], &["check", "--since", "HEAD"]];

/// The first line of a set-up in which an empty config is merged over defaults.
const HAS_DEFAULTS: &str = "An empty config is merged over defaults.";

/// The files of a set-up with this config and these rules.
fn files(set_up: &str, config: &str, rules: &str) -> Vec<(String, String)> {
    let parts = set_up.split("\n-- ").skip(1);
    let file = |part: &str| {
        let (name, text) = part.split_once(" --\n").expect("a name and a text");
        let text = format!("{}\n", text.trim_end_matches('\n'));
        let lines = text.split_inclusive('\n').map(|line| filled(line, config, rules));
        (name.to_owned(), lines.collect::<String>())
    };
    parts.map(file).collect()
}

fn filled(line: &str, config: &str, rules: &str) -> String {
    let mut line = line.to_owned();
    for (name, text) in [("config", config), ("rules", rules)] {
        let whole = format!("@{name}@\n");
        if let Some(indent) = line.strip_suffix(&whole).filter(|it| it.trim().is_empty()) {
            return text.lines().map(|one| format!("{indent}{one}\n")).collect();
        }
        line = line.replace(&format!("@{name}@"), text);
        line = line.replace(&format!("@{name}:base64@"), &STANDARD.encode(text));
        line = line.replace(&format!("@{name}:gzip@"), &STANDARD.encode(gzip(text)));
    }
    line
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn write(repository: &Repository, set_up: &str, config: &str, rules: &str) {
    for (name, text) in files(set_up, config, rules) {
        repository.write(&name, &text);
    }
    repository.git(&["add", "."]);
}

fn said(ran: &Ran) -> String {
    format!("status {}: {}", ran.status, ran.all())
}

#[test]
fn set_ups_pass_with_good_files_and_block_with_broken_ones() {
    let mut wrong = Vec::new();
    for (own, text) in cases("set_ups", 60) {
        let set_up = format!("\n{text}");
        let repository = Repository::new("main");
        write(&repository, &set_up, CONFIG, RULES);
        for when in ["staged", "committed"] {
            let ran = repository.run(&["check"]);
            if ran.status != 0 {
                wrong.push(format!("{own}: good files, {when}: {}", said(&ran)));
            }
            repository.commit_all("Begin");
        }
        for (config, rules) in BROKEN {
            let is_default = config == "{}\n" && set_up.trim_start().starts_with(HAS_DEFAULTS);
            write(&repository, &set_up, config, rules);
            for door in DOORS {
                let ran = repository.run(door);
                let is_blocked = ran.status == 1 && ran.all().contains("error[");
                if is_blocked == is_default {
                    wrong.push(format!("{own}: {door:?}: {config:?} {rules:?}: {}", said(&ran)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
