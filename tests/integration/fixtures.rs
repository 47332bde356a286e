//! Tests every check with small files that have the fault and small files that do not.
//!
//! `fixtures/checks/<group>/<name>/` contains for the check `group/name` at least one `bad-*`,
//! which the check reports, and one `ok-*`, which it does not. Each is a file, or a folder for a
//! deployment of several files: `config*` and `rules*`, in the order of their names. Comments at
//! the top of a file, or the lines of `how` in a folder, set options:
//!
//! ```text
//! # refinery: v3.0.0,v3.2.2   releases; by default the latest
//! # kind: rules               a rules file instead of a config; `container`: files that embed them
//! # flags: --redis-host x     Refinery's command line
//! # env: A=b C=d              environment variables
//! # variables: closed         no other environment variables are set
//! # config: a.yaml#x          locations in the folder, as Refinery would load them
//! # fact: V17                 facts of `fixtures/facts.md` that it covers
//! ```
//!
//! In a folder, `machine.toml` describes the machine and `running.yaml` is the running config. If
//! there is a `compose.yaml` or a `kustomization.yaml`, it is checked with the files that it names.
//!
//! For each `bad-*` there is an `*.expected` with the short report, all labels with their text, and
//! the help. `RECORD=1` writes these files; read the changes.

use crate::chance::Chance;
use crate::fixture::{Fixture, TODAY, fixtures, folders};
use refinery_preflight::internals::config::environment::Environment;
use refinery_preflight::internals::diagnostic::{Finding, checks};
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::discover::{Request, Sources};
use refinery_preflight::internals::pipeline::{CheckOptions, Parsed, Schemas, check};
use refinery_preflight::internals::policy::{Policy, apply};
use refinery_preflight::internals::report::{Format, Style, render};
use refinery_preflight::internals::schema::secrets::Secrets;
use refinery_preflight::internals::schema::{Release, releases};
use refinery_preflight::internals::span::{Files, Span};
use refinery_preflight::internals::verdict::{Report, Reported};
use refinery_preflight::internals::vfs::input_error::InputProblem;
use std::fmt::Write;
use std::fs;

/// Files alone cannot cause these, or only large ones; other tests cover them.
const OF_OUR_OWN: [&str; 9] = [
    "internal/",
    "settings/",
    "test/",
    "intake/link-outside",
    "intake/too-large",
    "intake/unreadable-file",
    "intake/too-many-deployments",
    "schema/unknown-type",
    "syntax/repeated-text",
];

#[test]
fn every_check_has_a_bad_and_an_ok_fixture() {
    let all: Vec<_> = checks()
        .iter()
        .map(|c| c.id)
        .filter(|id| !OF_OUR_OWN.iter().any(|group| id.starts_with(group)))
        .collect();
    assert_eq!(folders(), all, "one folder for every check");
    let fixtures = fixtures();
    for id in all {
        for is_bad in [true, false] {
            let has = fixtures.iter().any(|f| f.check == id && f.is_bad == is_bad);
            assert!(has, "{id} has no {} fixture", if is_bad { "bad" } else { "ok" });
        }
    }
}

#[test]
fn reports_bad_fixtures_as_expected() {
    let mut faults = Vec::new();
    for fixture in fixtures().iter().filter(|f| f.is_bad) {
        let (sources, report) = fixture.check();
        let actual = describe(&report, &sources.files);
        if std::env::var_os("RECORD").is_some() {
            fs::write(fixture.expected(), &actual).expect("writable");
        }
        let expected = fs::read_to_string(fixture.expected()).unwrap_or_default();
        if !actual.contains(&format!("[{}]", fixture.check)) {
            faults.push(format!("{} is not reported\n{actual}", fixture.name()));
        } else if actual != expected {
            faults.push(format!("{}\n{actual}instead of\n{expected}", fixture.name()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn does_not_report_ok_fixtures() {
    for fixture in fixtures().iter().filter(|f| !f.is_bad) {
        let (sources, report) = fixture.check();
        let actual = describe(&report, &sources.files);
        assert!(!actual.contains(&format!("[{}]", fixture.check)), "{}\n{actual}", fixture.name());
    }
}

#[test]
fn examples_have_the_fault_and_fixes_do_not() {
    for check in checks() {
        let Some(page) = &check.page else { continue };
        assert_eq!(page.before.matches(page.change.0).count(), 1, "{}", check.id);
        for (example, is_bad) in [(page.before, true), (&page.after(), false)] {
            let found = findings_of(example);
            assert_eq!(found.contains(&check.id), is_bad, "{}\n{example}\n{found:?}", check.id);
        }
    }
}

/// The checks that report a file, with unknown and without environment variables.
fn findings_of(text: &str) -> Vec<&'static str> {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("example.yaml"), text).expect("writable");
    let request = Request { paths: vec![folder.path().to_owned()], ..Request::default() };
    let mut sources = gather(&request, &mut std::io::empty()).expect("a file of one kind");
    let mut found = Vec::new();
    for is_closed in [false, true] {
        let environment = Environment::new([].into(), is_closed);
        let options = CheckOptions { releases: releases(), environment, ..CheckOptions::default() };
        let mut report = check(&mut sources, &options);
        let policy = Policy { today: Some(TODAY), ..Policy::default() };
        apply(&policy, &mut report, &sources.files);
        let reported = report.deployments.iter().flat_map(|d| &d.findings);
        found.extend(reported.map(|reported| reported.finding.check.id));
    }
    found
}

/// The short report, with the labels of every finding and its help.
fn describe(report: &Report, files: &Files) -> String {
    let reported: Vec<&Reported> = report.deployments.iter().flat_map(|d| &d.findings).collect();
    let mut actual = String::new();
    let short = render(Format::Short, report, files, &STYLE);
    for line in short.lines().filter(|line| !line.starts_with("Refinery v")) {
        actual.push_str(short_name(line));
        actual.push('\n');
        let is_it = |r: &&&Reported| line_of(report, r, files) == line;
        if let Some(reported) = reported.iter().find(is_it) {
            describe_places(&reported.finding, files, &mut actual);
        }
    }
    actual
}

const STYLE: Style = Style { colour: false, links: false, width: 100 };

/// The line of a finding in the short report.
fn line_of(report: &Report, reported: &Reported, files: &Files) -> String {
    let mut alone = report.clone();
    for deployment in &mut alone.deployments {
        deployment.findings.retain(|r| r == reported);
    }
    render(Format::Short, &alone, files, &STYLE).lines().next().unwrap_or_default().to_owned()
}

/// A line without the folder of the file at its start.
fn short_name(line: &str) -> &str {
    let name = line.split(':').next().unwrap_or_default();
    &line[name.rfind('/').map_or(0, |at| at + 1)..]
}

fn describe_places(finding: &Finding, files: &Files, actual: &mut String) {
    for label in &finding.labels {
        assert_sound(label.span, files);
        let file = files.get(label.span.file);
        let place = |byte: u32| {
            let before = &file.text[..byte as usize];
            let line = before.rsplit('\n').next().unwrap_or_default();
            format!("{}:{}", before.matches('\n').count() + 1, line.chars().count() + 1)
        };
        let (start, end) = (place(label.span.start), place(label.span.end));
        let covered = &file.shown[label.span.range()];
        let elsewhere = finding.primary().is_some_and(|primary| primary.file != label.span.file);
        let name =
            if elsewhere { format!("{} ", short_name(file.name.as_str())) } else { String::new() };
        writeln!(actual, "    {name}{start}-{end} {covered:?}: {}", label.text).expect("a string");
    }
    if let Some(help) = &finding.help {
        writeln!(actual, "    help: {help}").expect("a string");
    }
}

/// Asserts that a span is in its file, on character boundaries.
fn assert_sound(span: Span, files: &Files) {
    let file = files.get(span.file);
    assert!(file.text.get(span.range()).is_some(), "{span:?} of {}", file.name);
}

/// The facts that `fixtures/facts.md` covers: what Refinery rejects while it parses (P) or
/// validates (V), what prevents it from becoming ready (B), crashes by traces, reloads or shutdowns
/// (T), differences between reload and restart (R) or releases (D), what it silently does (S), and
/// how it handles load (C).
fn facts() -> Vec<String> {
    let class = |letter: char, last: u8| (1..=last).map(move |n| format!("{letter}{n:02}"));
    let all =
        [('P', 23), ('V', 40), ('B', 26), ('T', 25), ('R', 26), ('D', 11), ('S', 113), ('C', 21)];
    all.into_iter().flat_map(|(letter, last)| class(letter, last)).collect()
}

#[test]
fn every_fact_has_a_fixture_or_another_test() {
    let table = fs::read_to_string("fixtures/facts.md").expect("the table");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| fact"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), facts());
    let fixtures = fixtures();
    for row in rows {
        let quoted: Vec<&str> = row[2].split('`').skip(1).step_by(2).collect();
        let has_it = |f: &&Fixture| f.facts().iter().any(|fact| fact == row[0]);
        let shown: Vec<String> = fixtures.iter().filter(has_it).map(Fixture::name).collect();
        match quoted.as_slice() {
            _ if !shown.is_empty() => assert_eq!(quoted, shown, "{}", row[0]),
            [] => assert!(row[2].starts_with("none: "), "{} has no test", row[0]),
            [file, function] => {
                let text = fs::read_to_string(file).expect("a file of tests");
                assert!(
                    text.contains(&format!("fn {function}()")),
                    "{} names an unknown test",
                    row[0]
                );
            }
            other => panic!("{}: {other:?}", row[0]),
        }
    }
}

/// Fixtures with random lines or bytes removed must not cause a panic.
#[test]
fn damaged_fixtures_do_not_panic() {
    const TIMES: usize = 8;
    const NOTHING: [InputProblem; 2] = [InputProblem::NotRecognised, InputProblem::NothingFound];
    let releases = ["v2.0.0", "v2.9.7", "v3.0.0", "v3.2.2"].map(|r| Release::parse(r).unwrap());
    let schemas = releases.map(Schemas::of);
    let mut chance = Chance(1);
    for fixture in fixtures() {
        for time in 0..TIMES {
            let folder = tempfile::tempdir().expect("a folder");
            for path in fixture.files() {
                let bytes = fs::read(&path).expect("a file");
                let copy = folder.path().join(path.file_name().expect("a name"));
                fs::write(copy, without_something(bytes, &mut chance)).expect("writable");
            }
            let sources = match fixture.gather_from(folder.path()) {
                // The rest of a container file may not be a container.
                Err(error) if NOTHING.contains(&error.problem) => continue,
                sources => sources.expect("files that can be read"),
            };
            check_damaged(&fixture, &sources, &schemas[time % schemas.len()]);
        }
    }
}

fn check_damaged(fixture: &Fixture, sources: &Sources, schemas: &Schemas) {
    for deployment in &sources.deployments {
        let (options, secrets) = (fixture.options(), Secrets::default());
        let parsed = Parsed::new(deployment, &sources.files, &options, &secrets);
        let analysis = parsed.analyze(schemas);
        for label in analysis.findings.iter().flat_map(|finding| &finding.labels) {
            assert_sound(label.span, &sources.files);
        }
    }
}

/// Removes a line, or up to three bytes.
fn without_something(mut bytes: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    if chance.below(2) == 0 {
        let mut lines: Vec<&[u8]> = bytes.split_inclusive(|&b| b == b'\n').collect();
        let at = chance.below(lines.len());
        lines.drain(at..lines.len().min(at + 1));
        return lines.concat();
    }
    for _ in 0..=chance.below(3) {
        if !bytes.is_empty() {
            bytes.remove(chance.below(bytes.len()));
        }
    }
    bytes
}
