//! Reports on common mistakes: each `fixtures/mistakes/GROUP/NAME.yaml` has the expected report and fix
//! in `NAME.expected`.
//!
//! The first line `# kind: rules` marks a rules file; `# refinery: starts` means that Refinery accepts
//! the file. `RECORD=1` updates the reports; review the diff.

use refinery_preflight::internals::discover::Request;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::fix::apply_fixes;
use refinery_preflight::internals::pipeline::{CheckOptions, check};
use refinery_preflight::internals::policy::{Policy, apply, decide};
use refinery_preflight::internals::report::{Format, Style, render, write_diff};
use refinery_preflight::internals::schema::releases;
use refinery_preflight::internals::schema::secrets::Secrets;
use refinery_preflight::internals::verdict::StartUp;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use walkdir::WalkDir;

/// The paths of all files with mistakes.
fn mistakes() -> Vec<String> {
    let files = WalkDir::new("fixtures/mistakes").sort_by_file_name();
    let paths =
        files.into_iter().map(|entry| entry.expect("readable").path().display().to_string());
    paths.filter(|path| Path::new(path).extension().is_some_and(|it| it == "yaml")).collect()
}

/// The report for a terminal with the diff of the fixes, and the start-up verdict.
fn report_on(path: &str) -> (String, StartUp) {
    let text = fs::read_to_string(path).expect("readable");
    let files = if text.starts_with("# kind: rules") {
        Request { rules: vec![path.to_owned()], ..Request::default() }
    } else {
        Request { config: vec![path.to_owned()], ..Request::default() }
    };
    let mut sources = gather(&files, &mut std::io::empty()).expect("a readable file");
    let newest = releases().pop().expect("a release");
    let options = CheckOptions { releases: vec![newest], ..CheckOptions::default() };
    let mut report = check(&mut sources, &options);
    let policy = Policy::default();
    apply(&policy, &mut report, &sources.files);
    decide(&policy, &mut report);
    let style = Style { colour: false, links: false, width: 100 };
    let mut output = render(Format::Human, &report, &sources.files, &style);
    let findings: Vec<_> =
        report.deployments.iter().flat_map(|d| &d.findings).map(|r| &r.finding).collect();
    for (name, is_safe) in [("safe", true), ("unsafe", false)] {
        let fixed = findings.iter().copied();
        let fixed = fixed.filter(|f| f.fix.as_ref().is_some_and(|fix| fix.is_safe == is_safe));
        for file in apply_fixes(fixed, &sources.files, &Secrets::default()) {
            let _ = writeln!(output, "\n{name} fix:");
            let old = sources.files.get(file.file);
            let diff = write_diff(old.name.as_str(), &old.text, &file.text);
            let hunks = diff.lines().skip_while(|line| !line.starts_with("@@"));
            for line in hunks.filter(|line| line.starts_with(['-', '+'])) {
                let _ = writeln!(output, "{line}");
            }
        }
    }
    let mut start = report.deployments.iter().flat_map(|d| &d.verdicts).map(|v| v.start_up);
    (output, start.next_back().expect("a verdict"))
}

#[test]
fn every_mistake_is_explained() {
    let mistakes = mistakes();
    assert!(mistakes.len() >= 120, "only {} mistakes", mistakes.len());
    let mut failures = Vec::new();
    for path in mistakes {
        let (actual, start) = report_on(&path);
        let expected = path.replace(".yaml", ".expected");
        if std::env::var_os("RECORD").is_some() {
            fs::write(&expected, &actual).expect("writable");
        }
        if actual != fs::read_to_string(&expected).unwrap_or_default() {
            failures.push(format!("{path}\n{actual}"));
        }
        let starts = fs::read_to_string(&path).unwrap().contains("# refinery: starts");
        if starts != (start != StartUp::Refused) {
            failures.push(format!("{path}: start-up is {start:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
