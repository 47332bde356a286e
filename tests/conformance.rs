//! The verdicts, against what the engine itself said of thousands of deployments.
//!
//! `fixtures/conformance` holds the cases and the engine's answers, release by release: `base-*`
//! files, and one case a line as `text`, or as `base` with `edits` of its lines.

mod recordings;

use recordings::{Case, cases};
use refinery_preflight::config::environment::Environment;
use refinery_preflight::rehearse::{Setting, judge_fresh_start};
use refinery_preflight::schema::{Kind, Release, Schema, releases};
use refinery_preflight::verdict::FreshStart;

/// Releases that are asked for every case; each other one is asked for every eighth, since it
/// differs from its neighbours in little.
const EVERY_CASE: [&str; 10] = [
    "v2.0.0", "v2.4.0", "v2.9.0", "v2.9.5", "v2.9.7", "v3.0.0", "v3.0.1", "v3.1.0", "v3.2.0",
    "v3.2.2",
];

fn disagreements(number: usize, release: Release, cases: &[Case]) -> Vec<String> {
    let schemas = [Kind::Config, Kind::Rules].map(|kind| Schema::new(kind, release).unwrap());
    let (first, step) = match EVERY_CASE.contains(&release.to_string().as_str()) {
        true => (0, 1),
        false => (number % 8, 8),
    };
    let cases = cases.iter().skip(first).step_by(step);
    cases.filter_map(|case| disagreement(release, &schemas, case)).collect()
}

fn disagreement(release: Release, schemas: &[Schema; 2], case: &Case) -> Option<String> {
    let recorded = case.start(release);
    let expected = match recorded {
        "yes" | "warn" => FreshStart::Yes,
        _ => FreshStart::No,
    };
    let environment: Environment = case.environment();
    let setting = Setting { arguments: &[], environment: &environment };
    // An extension that the engine does not know is refused before anything is read.
    let (ours, findings) = match case.documents() {
        None => (FreshStart::No, Vec::new()),
        Some((config, rules)) => {
            let start =
                judge_fresh_start((&schemas[0], &schemas[1]), &config, &rules, &[], setting);
            (start.verdict, start.findings)
        }
    };
    (ours != expected).then(|| {
        let said: Vec<_> = findings.iter().map(|f| f.message.as_str()).collect();
        let id = &case.id;
        format!("{id} on {release}: ours {}, recorded {recorded}: {said:?}", ours.word())
    })
}

#[test]
fn every_recorded_start_is_judged_alike() {
    let cases = cases();
    assert!(cases.len() > 8000, "only {} cases", cases.len());
    let disagreements: Vec<String> = std::thread::scope(|scope| {
        let cases = &cases;
        let workers: Vec<_> = releases()
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
