//! The whole way: from files to ready, through a hot reload, to every target's first trace.

use super::host::Host;
use super::stage::{Stage, StageContext};
use super::start_up::{Launch, Start, check_start_up};
use super::{boot, first_trace, reload};
use crate::diagnostic::Finding;
use crate::machine::Restarts;
use crate::schema::Schema;
use crate::span::FileId;
use crate::syntax::Document;
use crate::verdict::{Boot, FirstTrace, FreshStart, Verdict};

/// What the whole way came to.
pub struct Rehearsal {
    pub start: Start,
    /// Empty where the files are refused, or no config was given.
    pub stages: Vec<Stage>,
    pub verdict: Verdict,
    pub findings: Vec<Finding>,
}

/// Walks the whole way for one release. A kind with no files counts as good.
pub fn rehearse(
    schemas: (&Schema, &Schema),
    config: &[Document],
    rules: &[Document],
    found: &[Finding],
    launch: Launch<'_>,
    host: &Host,
) -> Rehearsal {
    let start = check_start_up(schemas, config, rules, found, launch);
    let accepted = start.verdict != FreshStart::No;
    let quirks = schemas.0.quirks();
    let environment = launch.environment;
    let context = StageContext { config: &start.config, host, environment, quirks };
    let walked = accepted && !config.is_empty();
    let stages = if walked { boot::walk(context) } else { Vec::new() };
    let traces = if accepted && !rules.is_empty() {
        first_trace::check_first_traces(&start.rules, quirks)
    } else {
        first_trace::FirstTraces::default()
    };
    let mut findings = start.findings.clone();
    findings.extend(stages.iter().flat_map(|stage| stage.findings.iter().cloned()));
    findings.extend(traces.findings);
    let boot = if accepted { boot::conclude(&stages) } else { Boot::NotJudged };
    let verdict = Verdict {
        machine: boot::conditions(&stages),
        ..verdict(schemas.0, &start, boot, traces.verdicts)
    };
    let restarting = restarting(host.machine.restarts, config, rules);
    findings.extend(reload::find_dormant(&verdict, &findings, &restarting));
    Rehearsal { start, stages, verdict, findings }
}

/// The files whose change restarts the nodes.
fn restarting(restarts: Restarts, config: &[Document], rules: &[Document]) -> Vec<FileId> {
    let of = |documents: &[Document], restarts: bool| -> Vec<FileId> {
        documents.iter().filter(|_| restarts).map(|document| document.file).collect()
    };
    [of(config, restarts.config), of(rules, restarts.rules)].concat()
}

fn verdict(
    schema: &Schema,
    start: &Start,
    boot: Boot,
    first_trace: Vec<(String, FirstTrace)>,
) -> Verdict {
    Verdict {
        release: schema.release.to_string(),
        fresh_start: start.verdict,
        hot_reload: reload::check_reload(&start.findings, start.verdict),
        boot,
        first_trace,
        depends_on: start.depends_on.clone(),
        machine: Vec::new(),
    }
}
