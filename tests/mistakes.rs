//! Mistakes that people make, and the report on each: `fixtures/mistakes/GROUP/NAME.yaml`, with the
//! report and the fix beside it as `NAME.expected`.
//!
//! A first line `# kind: rules` says what the file is, `# refinery: starts` that Refinery takes it
//! all the same. `RECORD=1` writes the reports anew; read what changed.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop where it fails")]

use refinery_preflight::discover::Request;
use refinery_preflight::discover::gather::gather;
use refinery_preflight::fix::apply_fixes;
use refinery_preflight::pipeline::{CheckOptions, check};
use refinery_preflight::policy::{Policy, apply, decide};
use refinery_preflight::report::{Format, Style, render, write_diff};
use refinery_preflight::schema::releases;
use refinery_preflight::schema::secrets::Secrets;
use refinery_preflight::verdict::StartUp;
use std::fmt::Write;
use std::fs;
use walkdir::WalkDir;

/// The mistakes, by the path of their file.
fn mistakes() -> Vec<String> {
    let files = WalkDir::new("fixtures/mistakes").sort_by_file_name();
    let paths =
        files.into_iter().map(|entry| entry.expect("readable").path().display().to_string());
    paths.filter(|path| path.ends_with(".yaml")).collect()
}

/// The report as a terminal shows it, and what the fixes make of the file.
fn tell(path: &str) -> (String, StartUp) {
    let text = fs::read_to_string(path).expect("readable");
    let files = if text.starts_with("# kind: rules") {
        Request { rules: vec![path.to_owned()], ..Request::default() }
    } else {
        Request { config: vec![path.to_owned()], ..Request::default() }
    };
    let mut sources = gather(&files, &mut std::io::empty()).expect("a file of one kind");
    let newest = releases().pop().expect("a release");
    let question = CheckOptions { releases: vec![newest], ..CheckOptions::default() };
    let mut report = check(&mut sources, &question).expect("schemas that compile");
    let policy = Policy::default();
    apply(&policy, &mut report, &sources.files);
    decide(&policy, &mut report);
    let style = Style { colour: false, width: 100 };
    let mut told = render(Format::Human, &report, &sources.files, &style);
    let findings: Vec<_> =
        report.deployments.iter().flat_map(|d| &d.findings).map(|r| &r.finding).collect();
    for (name, is_safe) in [("safe", true), ("unsafe", false)] {
        let fixed = findings.iter().copied();
        let fixed = fixed.filter(|f| f.fix.as_ref().is_some_and(|fix| fix.certain == is_safe));
        for file in apply_fixes(fixed, &sources.files, &Secrets::default()) {
            let _ = writeln!(told, "\n{name} fix:");
            let old = sources.files.get(file.file);
            let diff = write_diff(&old.name, &old.text, &file.text);
            let hunks = diff.lines().skip_while(|line| !line.starts_with("@@"));
            for line in hunks.filter(|line| line.starts_with(['-', '+'])) {
                let _ = writeln!(told, "{line}");
            }
        }
    }
    let start = report.deployments.iter().flat_map(|d| &d.verdicts).map(|v| v.start_up);
    (told, start.last().expect("a verdict"))
}

#[test]
fn every_mistake_is_explained() {
    let mistakes = mistakes();
    assert!(mistakes.len() >= 120, "only {} mistakes", mistakes.len());
    let mut faults = Vec::new();
    for path in mistakes {
        let (told, start) = tell(&path);
        let expected = path.replace(".yaml", ".expected");
        if std::env::var_os("RECORD").is_some() {
            fs::write(&expected, &told).expect("writable");
        }
        if told != fs::read_to_string(&expected).unwrap_or_default() {
            faults.push(format!("{path}\n{told}"));
        }
        let starts = fs::read_to_string(&path).unwrap().contains("# refinery: starts");
        let says_so = starts == (start != StartUp::Refused);
        if !says_so {
            faults.push(format!("{path}: start-up is {start:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
