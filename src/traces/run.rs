//! Passes traces to a new sampler of a target, in order.

use crate::engine::dynamic::Nanos;
use crate::engine::spec::Target;
use crate::engine::{Crash, Keep, MismatchReason, Process, Sampler, Trace};
use std::rc::Rc;

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

/// A sampler of a target that traces pass through, one every `interval` nanoseconds. Copies share
/// the sampler, and each has counts of its own.
#[derive(Clone)]
pub struct Run<'t> {
    name: &'t str,
    target: &'t Target,
    interval: Nanos,
    now: Nanos,
    /// None before the first trace, and after a crash: the next trace starts a new process.
    running: Option<(Process, Rc<Sampler>)>,
}

impl<'t> Run<'t> {
    pub fn new(name: &'t str, target: &'t Target, interval: Nanos) -> Self {
        Self { name, target, interval, now: 0, running: None }
    }

    /// Creates the sampler before the first trace. If that crashes Refinery, the first trace does.
    #[must_use]
    pub fn started(mut self) -> Self {
        self.running = self.build().ok();
        self
    }

    /// Decides the next trace.
    pub fn decide(&mut self, trace: &Trace) -> TraceResult {
        let outcome = self.step(trace);
        self.now += self.interval;
        TraceResult { id: trace.id.clone(), outcome }
    }

    fn build(&self) -> Result<(Process, Rc<Sampler>), Crash> {
        let mut process = Process::new();
        let sampler = process.build(self.name, self.target, self.now)?;
        Ok((process, Rc::new(sampler)))
    }

    fn step(&mut self, trace: &Trace) -> Result<Decided, Crash> {
        let (mut process, sampler) = match self.running.take() {
            Some(started) => started,
            None => self.build()?,
        };
        let decision = process.decide(&sampler, trace, self.now)?;
        let decided = Decided {
            rule: decision.rule,
            reason: decision.reason.to_owned(),
            rate: decision.rate,
            key: decision.key,
            keep: decision.keep,
            mismatches: sampler.mismatches(trace),
        };
        self.running = Some((process, sampler));
        Ok(decided)
    }
}
