//! Changes of good repositories, each in a file of `tests/integration/changes`: those that leave
//! something unusable or unchecked block in the hook and with `--since`, whatever the files are for.
//!
//! A file lists the files before, each after a line `-- path --`, and what the change writes after a line
//! `== path ==`, or removes after `== path == removed`. `@config@` and `@rules@` stand for the files of
//! Refinery, indented as the place in the line is. A first line `Passes.` says that nothing blocks.

use crate::cases::cases;
use crate::repository::{Ran, Repository};
use std::fs;

const CONFIG: &str = "General:\n  ConfigurationVersion: 2\nTraces:\n  TraceTimeout: 90s\n";
const RULES: &str =
    "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      SampleRate: 1\n";

/// The first line of a change that nothing blocks.
const PASSES: &str = "Passes.";

/// One file of a change.
struct Part<'t> {
    name: &'t str,
    is_after: bool,
    /// `None` if it is removed.
    text: Option<String>,
}

fn parts(change: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for line in change.split_inclusive('\n') {
        let header =
            [("-- ", " --\n", false), ("== ", " ==\n", true), ("== ", " == removed\n", true)];
        let named = header.into_iter().find_map(|(start, end, is_after)| {
            let name = line.strip_prefix(start)?.strip_suffix(end)?;
            Some(Part { name, is_after, text: (!end.contains("removed")).then(String::new) })
        });
        match (named, parts.last_mut()) {
            (Some(part), _) => parts.push(part),
            (None, Some(Part { text: Some(text), .. })) => text.push_str(&filled(line)),
            (None, _) => assert_eq!(line.trim(), PASSES),
        }
    }
    parts
}

/// A line with the files of Refinery in it.
fn filled(line: &str) -> String {
    for (token, text) in [("@config@\n", CONFIG), ("@rules@\n", RULES)] {
        if let Some(indent) = line.strip_suffix(token) {
            return text.lines().map(|one| format!("{indent}{one}\n")).collect();
        }
    }
    line.to_owned()
}

fn apply<'p>(repository: &Repository, parts: impl Iterator<Item = &'p Part<'p>>) {
    for Part { name, text, .. } in parts {
        match text {
            Some(text) => repository.write(name, text),
            None => fs::remove_file(repository.path().join(name)).unwrap(),
        }
    }
    repository.git(&["add", "-Af"]);
}

fn said(ran: &Ran) -> String {
    format!("status {}: {}", ran.status, ran.all())
}

#[test]
fn changes_that_leave_something_unchecked_block() {
    let mut wrong = Vec::new();
    for (own, change) in cases("changes", 50) {
        let passes = change.starts_with(PASSES);
        let parts = parts(&change);
        let repository = Repository::new("main");
        repository.git(&["commit", "--quiet", "--allow-empty", "-m", "Begin"]);
        apply(&repository, parts.iter().filter(|part| !part.is_after));
        let before = repository.run(&["check"]);
        if before.status != 0 && parts.iter().any(|part| !part.is_after) {
            wrong.push(format!("{own}: before: {}", said(&before)));
        }
        repository.git(&["commit", "--quiet", "--allow-empty", "-m", "Good"]);
        apply(&repository, parts.iter().filter(|part| part.is_after));
        for door in [&["hook", "run"][..], &["check", "--since", "HEAD"]] {
            let ran = repository.run(door);
            let is_blocked = ran.status == 1 && ran.all().contains("error[");
            if is_blocked == passes || passes && ran.status != 0 {
                wrong.push(format!("{own}: {door:?}: {}", said(&ran)));
            }
        }
        if passes {
            repository.git(&["commit", "--quiet", "-m", "Change"]);
            let ran = repository.run(&["check"]);
            if ran.status != 0 {
                wrong.push(format!("{own}: after: {}", said(&ran)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A folder that becomes a link takes its files out of sight.
#[cfg(unix)]
#[test]
fn folders_that_become_links_block() {
    for target in ["/srv/refinery", "nowhere", "../elsewhere"] {
        let repository =
            Repository::with(&[("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", RULES)]);
        fs::remove_dir_all(repository.path().join("deploy")).unwrap();
        std::os::unix::fs::symlink(target, repository.path().join("deploy")).unwrap();
        repository.git(&["add", "-A"]);
        for door in [&["hook", "run"][..], &["check", "--since", "HEAD"]] {
            let ran = repository.run(door);
            assert_eq!(ran.status, 1, "{target} {door:?}: {}", said(&ran));
            assert!(ran.all().contains("deploy"), "{target} {door:?}: {}", said(&ran));
        }
    }
}

/// A copy of Honeycomb's chart pins the release of the values that it is installed with.
#[test]
fn a_copy_of_the_chart_pins_its_release() {
    let chart = "apiVersion: v2\nname: refinery\nversion: 3.2.3\nappVersion: 3.2.2\nhome: https://honeycomb.io\n";
    let install =
        "deploy:\n\thelm upgrade -i refinery charts/refinery -f env/refinery-values.yaml\n";
    let values = "config:\n  General:\n    ConfigurationVersion: 2\n    EnableMigratedClassicAsEnvironment: true\n";
    let repository = Repository::with(&[
        ("charts/refinery/Chart.yaml", chart),
        ("Makefile", install),
        ("env/refinery-values.yaml", values),
    ]);
    let ran = repository.run(&["check"]);
    assert_eq!(ran.status, 1, "{}", said(&ran));
    assert!(
        ran.output.contains("unknown key `EnableMigratedClassicAsEnvironment`"),
        "{}",
        said(&ran)
    );
}
