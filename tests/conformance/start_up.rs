//! Compares the verdicts on thousands of deployments with recordings of Refinery.
//!
//! `fixtures/conformance` has the cases with Refinery's answers for each release: `base-*` files, and
//! one case per line, either as `text` or as `base` with `edits` of its lines.

use crate::recordings::{Case, cases, newest_recorded, recorded};
use refinery_preflight::internals::config::environment::Environment;
use refinery_preflight::internals::rehearse::{
    Acceptance, Host, Launch, Rehearsal, check_start_up, rehearse,
};
use refinery_preflight::internals::schema::{Kind, Release, Schema};
use refinery_preflight::internals::verdict::{FirstTrace, LiveReload, StartUp};
use serde_json::Value;

/// The releases that run every case, as the newest recorded one does. All others run every eighth case,
/// because they differ little from their neighbours.
const EVERY_CASE: [&str; 9] =
    ["v2.0.0", "v2.4.0", "v2.9.0", "v2.9.5", "v2.9.7", "v3.0.0", "v3.0.1", "v3.1.0", "v3.2.0"];

fn disagreements(number: usize, release: Release, cases: &[Case]) -> Vec<String> {
    let schemas = Kind::ALL.map(|kind| Schema::new(kind, release));
    let is_asked_all =
        EVERY_CASE.contains(&release.to_string().as_str()) || release == newest_recorded();
    let (first, step) = if is_asked_all { (0, 1) } else { (number % 8, 8) };
    let cases = cases.iter().skip(first).step_by(step);
    cases.filter_map(|case| disagreement(release, &schemas, case)).collect()
}

fn disagreement(release: Release, schemas: &[Schema; 2], case: &Case) -> Option<String> {
    let recorded = case.start(release);
    let expected = match recorded {
        "yes" | "warn" => Acceptance::Accepted,
        _ => Acceptance::Refused,
    };
    let environment: Environment = case.environment();
    let launch = Launch { arguments: &[], environment: &environment };
    // Refinery rejects an unknown extension before it reads the file.
    let (ours, findings) = match case.documents() {
        None => (Acceptance::Refused, Vec::new()),
        Some((config, rules)) => {
            let start = check_start_up((&schemas[0], &schemas[1]), &config, &rules, &[], launch);
            (start.acceptance, start.findings().cloned().collect())
        }
    };
    (ours != expected).then(|| {
        let said: Vec<_> = findings.iter().map(|f| f.message.as_str()).collect();
        let id = &case.id;
        format!("{id} on {release}: ours {ours:?}, recorded {recorded}: {said:?}")
    })
}

#[test]
fn start_up_verdicts_match_the_recordings() {
    let cases = cases();
    assert!(cases.len() > 8000, "only {} cases", cases.len());
    let disagreements: Vec<String> = std::thread::scope(|scope| {
        let cases = &cases;
        let workers: Vec<_> = recorded()
            .into_iter()
            .enumerate()
            .map(|(number, release)| scope.spawn(move || disagreements(number, release, cases)))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    for line in disagreements.iter().take(40) {
        println!("{line}");
    }
    assert!(disagreements.is_empty(), "{} verdicts differ", disagreements.len());
}

/// Rehearses a case with the release whose boot, reload and first trace were recorded, on four cores.
fn rehearse_newest(schemas: &[Schema; 2], case: &Case) -> Option<Rehearsal> {
    let (config, rules) = case.documents()?;
    let environment = case.environment();
    let launch = Launch { arguments: &[], environment: &environment };
    let schemas = (&schemas[0], &schemas[1]);
    Some(rehearse(schemas, &config, &rules, &[], launch, &Host::default()))
}

/// A recorded `ok` is a lower bound, because only caches, queues and tickers were recorded.
fn boot_differs(recorded: &Value, rehearsal: &Rehearsal) -> bool {
    let fails = rehearsal.verdict.start_up == StartUp::NeverReady;
    let fails_in_recorded_stage = rehearsal.boot.iter().any(|stage| {
        let is_recorded = ["collector", "transmissions"].contains(&stage.name);
        is_recorded
            && stage.findings.iter().any(|f| f.check.id != "start/impossible-memory")
            && stage.outcome == refinery_preflight::internals::rehearse::stage::Outcome::Fails
    });
    match recorded.as_str() {
        Some("crash") => !fails,
        _ => fails_in_recorded_stage,
    }
}

fn reload_differs(recorded: &Value, rehearsal: &Rehearsal) -> bool {
    let accepted = rehearsal.verdict.live_reload == LiveReload::Accepted;
    accepted != (recorded == "accepted")
}

/// A target that was recorded as `ok` may still crash on traces that were not sent.
fn first_trace_differs(recorded: &Value, rehearsal: &Rehearsal) -> bool {
    rehearsal.verdict.first_trace.iter().any(|(target, verdict)| {
        let recorded = recorded.get(target).unwrap_or(recorded);
        match recorded.as_str() {
            Some("ok") => *verdict == FirstTrace::Crashes,
            _ => *verdict != FirstTrace::Crashes,
        }
    })
}

type Differs = fn(&Value, &Rehearsal) -> bool;

#[test]
fn boot_reload_and_first_trace_verdicts_match_the_recordings() {
    let schemas = Kind::ALL.map(|kind| Schema::new(kind, newest_recorded()));
    let stages: [(&str, Differs, usize); 3] = [
        ("boot", boot_differs, 3500),
        ("reload", reload_differs, 8000),
        ("first_trace", first_trace_differs, 3500),
    ];
    let mut counts = [0; 3];
    let mut disagreements = Vec::new();
    for case in cases() {
        let Some(rehearsal) = rehearse_newest(&schemas, &case) else { continue };
        for ((name, differs, _), count) in stages.iter().zip(&mut counts) {
            let Some(recorded) = case.answer(name) else { continue };
            *count += 1;
            if differs(recorded, &rehearsal) {
                let verdict = &rehearsal.verdict;
                disagreements.push(format!("{} {name}: {verdict:?}, recorded {recorded}", case.id));
            }
        }
    }
    for line in disagreements.iter().take(40) {
        println!("{line}");
    }
    assert!(disagreements.is_empty(), "{} verdicts differ", disagreements.len());
    for ((name, _, minimum), count) in stages.iter().zip(counts) {
        assert!(count > *minimum, "only {count} recordings of {name}");
    }
}
