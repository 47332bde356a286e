//! The whole rehearsal: from files to ready, through a live reload, to every target's first trace.

use super::host::Host;
use super::stage::{Stage, StageContext};
use super::start_up::{Acceptance, Launch, Start, check_start_up};
use super::{boot, first_trace, reload};
use crate::diagnostic::Finding;
use crate::machine::Restarts;
use crate::schema::Schema;
use crate::span::FileId;
use crate::syntax::Document;
use crate::verdict::{StartUp, Verdict};

/// One deployment, rehearsed with one release.
pub struct Rehearsal {
    pub start: Start,
    /// The stages after the files are accepted; empty where they are refused, or there is no config.
    pub boot: Vec<Stage>,
    pub verdict: Verdict,
    pub findings: Vec<Finding>,
}

impl Rehearsal {
    /// All stages, in Refinery's order.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.start.stages.iter().chain(&self.boot)
    }
}

/// Rehearses one release. A kind without files counts as accepted.
pub fn rehearse(
    schemas: (&Schema, &Schema),
    config: &[Document],
    rules: &[Document],
    unfound: &[Finding],
    launch: Launch<'_>,
    host: &Host,
) -> Rehearsal {
    let start = check_start_up(schemas, config, rules, unfound, launch);
    let is_accepted = start.acceptance != Acceptance::Refused;
    let quirks = schemas.0.quirks();
    let environment = launch.environment;
    let context = StageContext { config: &start.config, host, environment, quirks };
    let boot = if is_accepted && !config.is_empty() { boot::walk(context) } else { Vec::new() };
    let traces = if is_accepted && !rules.is_empty() {
        first_trace::check_first_traces(&start.rules, rules, quirks)
    } else {
        first_trace::FirstTraces::default()
    };
    let mut findings: Vec<Finding> = start.findings().cloned().collect();
    let live_reload = reload::check_reload(&findings, start.acceptance);
    findings.extend(boot.iter().flat_map(|stage| stage.findings.iter().cloned()));
    findings.extend(traces.findings);
    let verdict = Verdict {
        release: schemas.0.release.to_string(),
        start_up: conclude(start.acceptance, &boot),
        live_reload,
        first_trace: traces.verdicts,
        variables: start.variables.clone(),
        machine: boot::conditions(&boot),
    };
    let restarting = restarting(host.machine.restarts, config, rules);
    findings.extend(reload::find_dormant(&verdict, &findings, &restarting));
    Rehearsal { start, boot, verdict, findings }
}

fn conclude(acceptance: Acceptance, boot: &[Stage]) -> StartUp {
    match (acceptance, boot::conclude(boot)) {
        (Acceptance::Refused, _) => StartUp::Refused,
        (Acceptance::Depends, StartUp::Ready) => StartUp::Depends,
        (_, boot) => boot,
    }
}

/// The files whose change restarts the nodes.
fn restarting(restarts: Restarts, config: &[Document], rules: &[Document]) -> Vec<FileId> {
    let of = |documents: &[Document], restarts: bool| -> Vec<FileId> {
        documents.iter().filter(|_| restarts).map(|document| document.file).collect()
    };
    [of(config, restarts.config), of(rules, restarts.rules)].concat()
}
