//! Passes traces to a new sampler of a target, in order.

use crate::engine::dynamic::Nanos;
use crate::engine::spec::Target;
use crate::engine::{Crash, Keep, MismatchReason, Process, Sampler, Trace};

/// The result of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceResult {
    pub id: String,
    pub outcome: Result<Decided, Crash>,
}

/// A decision, with what Refinery would add to each span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The matching rule, counted from 0.
    pub rule: Option<usize>,
    pub reason: String,
    pub rate: u64,
    pub key: String,
    pub keep: Keep,
    /// For each earlier rule, why it did not match.
    pub mismatches: Vec<MismatchReason>,
}

/// Decides traces that arrive every `interval` nanoseconds. After a crash a new process continues.
pub fn run(name: &str, target: &Target, traces: &[Trace], interval: Nanos) -> Vec<TraceResult> {
    let mut running = None;
    let mut now = 0;
    let mut results = Vec::new();
    for trace in traces {
        let outcome = step(&mut running, name, target, trace, now);
        if outcome.is_err() {
            running = None;
        }
        results.push(TraceResult { id: trace.id.clone(), outcome });
        now += interval;
    }
    results
}

fn step(
    running: &mut Option<(Process, Sampler)>,
    name: &str,
    target: &Target,
    trace: &Trace,
    now: Nanos,
) -> Result<Decided, Crash> {
    let (mut process, sampler) = if let Some(started) = running.take() {
        started
    } else {
        let mut process = Process::new();
        let sampler = process.build(name, target, now)?;
        (process, sampler)
    };
    let decision = process.decide(&sampler, trace, now)?;
    let decided = Decided {
        rule: decision.rule,
        reason: decision.reason.to_owned(),
        rate: decision.rate,
        key: decision.key,
        keep: decision.keep,
        mismatches: sampler.mismatches(trace),
    };
    *running = Some((process, sampler));
    Ok(decided)
}
