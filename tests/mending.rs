//! Repairs: on every file that has one, and through the program.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop where it fails")]

mod fixture;
mod program;

use fixture::{Fixture, TODAY, fixtures};
use program::Folder;
use refinery_preflight::diagnostic::{Finding, Severity};
use refinery_preflight::discover::Sources;
use refinery_preflight::fix::apply_fixes;
use refinery_preflight::pipeline::judge;
use refinery_preflight::policy::{Policy, apply};
use refinery_preflight::schema::secrets::Secrets;
use refinery_preflight::verdict::Report;
use std::fs;
use std::path::Path;

/// A repair may bring to light what it had hidden, but not for ever.
const MOST_ROUNDS: usize = 10;

#[test]
fn every_repair_mends_and_leaves_the_rest_alone() {
    let mut mended = 0;
    for fixture in fixtures() {
        for is_bold in [false, true] {
            let folder = tempfile::tempdir().expect("a folder");
            for path in fixture.files() {
                let copy = folder.path().join(path.file_name().expect("a name"));
                fs::copy(path, copy).expect("writable");
            }
            let (sources, report) = judge_copy(&fixture, folder.path());
            let comments = comments(&sources);
            let errors = count_errors(&report);
            let rounds = mend_all(&fixture, folder.path(), is_bold);
            assert!(rounds < MOST_ROUNDS, "{} is never done", fixture.name());
            mended += usize::from(rounds > 0);
            let (sources, report) = judge_copy(&fixture, folder.path());
            assert_eq!(comments, self::comments(&sources), "{}", fixture.name());
            let is_better = count_errors(&report) < errors || rounds == 0 || errors == 0;
            assert!(is_better, "{}", fixture.name());
        }
    }
    assert!(mended >= 40, "only {mended} were mended");
}

fn judge_copy(fixture: &Fixture, folder: &Path) -> (Sources, Report) {
    let mut sources = fixture.gather_from(folder).unwrap();
    let mut report = judge(&mut sources, &fixture.question()).expect("schemas that compile");
    apply(&Policy { today: Some(TODAY), ..Policy::default() }, &mut report, &sources.files);
    (sources, report)
}

/// Mends until there is nothing left to mend; how many rounds that took.
fn mend_all(fixture: &Fixture, folder: &Path, is_bold: bool) -> usize {
    for round in 0..MOST_ROUNDS {
        let (sources, report) = judge_copy(fixture, folder);
        let findings = report.deployments.iter().flat_map(|d| &d.findings);
        let findings = findings.map(|reported| &reported.finding);
        let is_wanted = |f: &&Finding| f.fix.as_ref().is_some_and(|fix| fix.certain || is_bold);
        let mended = apply_fixes(findings.filter(is_wanted), &sources.files, &Secrets::default());
        if mended.is_empty() {
            return round;
        }
        for file in mended {
            fs::write(&sources.files.get(file.file).name, file.text).expect("writable");
        }
    }
    MOST_ROUNDS
}

fn count_errors(report: &Report) -> usize {
    let findings = report.deployments.iter().flat_map(|d| &d.findings);
    findings.filter(|reported| reported.finding.check.severity == Severity::Error).count()
}

/// Every comment of every file, as it is written.
fn comments(sources: &Sources) -> Vec<String> {
    let texts = sources.files.ids().map(|id| sources.files.get(id).text.clone());
    let comments = |text: String| -> Vec<String> {
        let lines = text.lines().filter_map(|line| Some(line[line.find(" #")?..].to_owned()));
        lines.collect()
    };
    texts.flat_map(comments).collect()
}

const BROKEN: &str = "\
General:
  ConfigurationVersion: 2
Traces:
  SendDelay: 2 s # as long as it takes
  BatchTimeot: 100ms
  TraceTimeout: 60
RedisPeerManagement:
  Prefix: x
Collection:
  CacheCapacity: 1000
";

#[test]
fn the_program_shows_repairs_and_writes_them() {
    let folder = Folder::new(&[("config.yaml", BROKEN)]);
    let file = folder.path().join("config.yaml");
    let run = |arguments: &[&str]| {
        let ran = folder.run(arguments);
        (ran.output, ran.status)
    };
    let (diff, status) = run(&["check", "-c", "config.yaml", "--diff"]);
    assert_eq!(status, 1, "{diff}");
    assert!(diff.contains("--- a/config.yaml\n+++ b/config.yaml\n"), "{diff}");
    assert!(diff.contains("-  SendDelay: 2 s # as long as it takes\n"), "{diff}");
    assert!(diff.contains("+  SendDelay: 2s # as long as it takes\n"), "{diff}");
    assert_eq!(fs::read_to_string(&file).unwrap(), BROKEN, "a diff writes nothing");

    let (report, status) =
        run(&["check", "-c", "config.yaml", "--fix", "--output-format", "short"]);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("Traces.TraceTimeout"), "a missing unit is not certain: {report}");
    let expected = "General:\n  ConfigurationVersion: 2\nTraces:\n  \
                    SendDelay: 2s # as long as it takes\n  BatchTimeout: 100ms\n  TraceTimeout: 60\n\
                    RedisPeerManagement:\n  ClusterName: x\nCollection:\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), expected);

    let (report, status) = run(&["check", "-c", "config.yaml", "--fix", "--unsafe-fixes"]);
    assert_eq!(status, 0, "{report}");
    assert!(fs::read_to_string(&file).unwrap().contains("TraceTimeout: 60s\n"));
    let (diff, status) = run(&["check", "-c", "config.yaml", "--diff", "--unsafe-fixes"]);
    assert_eq!((diff.as_str(), status), ("", 0), "a second run changes nothing");
}

#[test]
fn repairs_are_for_files_of_the_work_tree() {
    for arguments in [
        &["check", "--fix", "--staged"][..],
        &["check", "--fix", "--rev", "HEAD"],
        &["check", "--fix", "--diff"],
        &["check", "--fix", "--stdin-filename", "config.yaml"],
    ] {
        let folder = Folder::new(&[("config.yaml", BROKEN)]);
        assert_eq!(folder.run(arguments).status, 2, "{arguments:?}");
    }
}
