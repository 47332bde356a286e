//! Compares the verdicts on Refinery files from public repositories with recordings of Refinery.
//!
//! The files are not part of this repository; without them the test is skipped. Each file was recorded,
//! and is checked, with a minimal config or rules file as its counterpart.

#![allow(clippy::expect_used, clippy::unwrap_used)]
#![allow(clippy::print_stdout, reason = "report skipped tests")]

use refinery_preflight::internals::config::environment::Environment;
use refinery_preflight::internals::discover::Request;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::pipeline::{CheckOptions, check};
use refinery_preflight::internals::schema::Release;
use refinery_preflight::internals::verdict::{DeploymentReport, FirstTrace, StartUp};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The recorded releases.
const RELEASES: [&str; 10] = [
    "v2.0.0", "v2.4.0", "v2.9.0", "v2.9.5", "v2.9.7", "v3.0.0", "v3.0.1", "v3.1.0", "v3.2.0",
    "v3.2.2",
];

fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

/// The report on a file and its minimal counterpart.
fn report(folder: &Path, recorded: &Value) -> DeploymentReport {
    let half = |name: &str| vec![format!("fixtures/conformance/base-{name}-min.yaml")];
    let file = vec![folder.join(recorded["file"].as_str().unwrap()).display().to_string()];
    let (config, rules) = match recorded["kind"].as_str().unwrap() {
        "config" => (file, half("rules")),
        _ => (half("config"), file),
    };
    let request = Request { config, rules, ..Request::default() };
    let mut sources = gather(&request, &mut std::io::empty()).unwrap();
    let options = CheckOptions {
        releases: RELEASES.map(|name| Release::parse(name).unwrap()).to_vec(),
        environment: Environment::new([].into(), true),
        overrides_pins: true,
        ..CheckOptions::default()
    };
    check(&mut sources, &options).deployments.remove(0)
}

#[test]
fn verdicts_on_public_files_match_refinery() {
    let Some(folder) = corpus() else { return };
    let lines = std::fs::read_to_string(folder.join("verdicts.jsonl")).unwrap();
    let mut failures = Vec::new();
    for line in lines.lines() {
        let recorded: Value = serde_json::from_str(line).unwrap();
        let report = report(&folder, &recorded);
        failures.extend(disagreements(&recorded, &report));
    }
    assert!(lines.lines().count() > 90, "files are missing in the recordings");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn disagreements(recorded: &Value, report: &DeploymentReport) -> Vec<String> {
    let mut failures = Vec::new();
    let name = &recorded["file"];
    let messages: Vec<&str> = report.findings.iter().map(|r| r.finding.message.as_str()).collect();
    for verdict in &report.verdicts {
        let start: &str = match &recorded["start"] {
            Value::String(start) => start,
            by_release => by_release[&verdict.release].as_str().unwrap(),
        };
        let starts = matches!(start, "yes" | "warn");
        let is_accepted = verdict.start_up != StartUp::Refused && verdict.variables.is_empty();
        if starts != is_accepted {
            failures.push(format!("{name} on {}: {start}, {messages:?}", verdict.release));
        }
    }
    // Boot and first trace were only recorded with the newest release.
    let newest = report.verdicts.last().unwrap();
    assert_eq!(newest.release, *RELEASES.last().unwrap());
    if recorded["boot"] == "ok" && newest.start_up == StartUp::NeverReady {
        failures.push(format!("{name} boots: {messages:?}"));
    }
    let crashes = newest.first_trace.iter().any(|(_, trace)| *trace == FirstTrace::Crashes);
    if recorded["first_trace"] == "ok" && crashes {
        failures.push(format!("{name} handles its first trace: {messages:?}"));
    }
    failures
}
