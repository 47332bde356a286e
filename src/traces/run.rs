//! Passes traces to a new sampler of a target, in order.

use crate::engine::dynamic::Nanos;
use crate::engine::spec::Target;
use crate::engine::{Crash, Keep, MismatchReason, Prepared, Process, Sampler, Trace};
use std::sync::Arc;

/// The result of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceResult {
    pub id: String,
    /// How many spans arrive after the decision.
    pub late: u64,
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

/// A trace for which the matching rule is known, but not yet the decision.
#[derive(Clone, Debug)]
pub struct Matched {
    id: String,
    late: u64,
    /// None if creating the sampler crashes Refinery.
    prepared: Option<Prepared>,
    mismatches: Vec<MismatchReason>,
}

impl Matched {
    /// Whether both are decided the same after the same earlier traces, if a dynamic sampler counts
    /// them under the same key.
    pub fn is_decided_like(&self, other: &Self) -> bool {
        let without_key = |matched: &Self| {
            matched.prepared.clone().map(|prepared| Prepared { key: String::new(), ..prepared })
        };
        without_key(self) == without_key(other)
    }

    /// The rule, if any, and the key with which a dynamic sampler counts it.
    pub fn counted(&self) -> Option<(Option<usize>, &str)> {
        let prepared = self.prepared.as_ref().filter(|prepared| prepared.fixed.is_none())?;
        Some((prepared.rule, &prepared.key))
    }
}

/// A sampler of a target that traces pass through, one every `interval` nanoseconds. Copies share
/// the sampler, and each has counts of its own.
#[derive(Clone)]
pub struct Run<'t> {
    name: &'t str,
    target: &'t Target,
    interval: Nanos,
    now: Nanos,
    /// Does not count.
    matcher: Option<Arc<Sampler>>,
    /// None before the first trace, and after a crash: the next trace starts a new process.
    running: Option<(Process, Arc<Sampler>)>,
}

impl<'t> Run<'t> {
    pub fn new(name: &'t str, target: &'t Target, interval: Nanos) -> Self {
        let matcher = Process::new().build(name, target, 0).ok().map(Arc::new);
        Self { name, target, interval, now: 0, matcher, running: None }
    }

    /// Creates the sampler before the first trace. If that crashes Refinery, the first trace does.
    #[must_use]
    pub fn started(mut self) -> Self {
        self.running = self.build().ok();
        self
    }

    /// Decides the next trace.
    pub fn decide(&mut self, trace: &Trace) -> TraceResult {
        self.settle(self.find_match(trace, true))
    }

    fn build(&self) -> Result<(Process, Arc<Sampler>), Crash> {
        let mut process = Process::new();
        let sampler = process.build(self.name, self.target, self.now)?;
        Ok((process, Arc::new(sampler)))
    }

    /// The part of a decision that does not depend on earlier traces; on demand also why earlier rules
    /// did not match.
    pub fn find_match(&self, trace: &Trace, explains: bool) -> Matched {
        let matcher = self.matcher.as_ref();
        let mismatches = matcher.filter(|_| explains).map(|sampler| sampler.mismatches(trace));
        Matched {
            id: trace.id.clone(),
            late: trace.late,
            prepared: matcher.map(|sampler| sampler.prepare(trace)),
            mismatches: mismatches.unwrap_or_default(),
        }
    }

    /// Decides a trace after those so far as if the first rule that matches was this one. It is not
    /// counted, and one that a sampler does not count needs no copy of the counts.
    ///
    /// # Errors
    /// Refinery crashes.
    pub fn decide_by(&self, trace: &Trace, rule: Option<usize>) -> Result<Decided, Crash> {
        let prepared = self.matcher.as_ref().map(|sampler| sampler.prepare_by(trace, rule));
        match (&prepared, &self.running) {
            (Some(Prepared { fixed: Some((rate, keep)), .. }), Some(_)) => Ok(Decided {
                rule,
                reason: String::new(),
                rate: *rate,
                key: String::new(),
                keep: *keep,
                mismatches: Vec::new(),
            }),
            _ => self.clone().step(prepared, Vec::new()),
        }
    }

    /// The sampler of matches, unless creating it crashes Refinery.
    pub fn matcher(&self) -> Option<&Sampler> {
        self.matcher.as_deref()
    }

    /// Decides the next trace, whose match was found.
    pub fn settle(&mut self, matched: Matched) -> TraceResult {
        let Matched { id, late, prepared, mismatches } = matched;
        let outcome = self.step(prepared, mismatches);
        self.now += self.interval;
        TraceResult { id, late, outcome }
    }

    /// The same, at this time since the start.
    pub fn settle_at(&mut self, matched: Matched, now: Nanos) -> TraceResult {
        self.now = now;
        self.settle(matched)
    }

    fn step(
        &mut self,
        prepared: Option<Prepared>,
        mismatches: Vec<MismatchReason>,
    ) -> Result<Decided, Crash> {
        let (mut process, sampler) = match self.running.take() {
            Some(started) => started,
            None => self.build()?,
        };
        let prepared = prepared.ok_or(Crash::UnknownSampler)?;
        let decision = process.settle(&sampler, prepared, self.now)?;
        let decided = Decided {
            rule: decision.rule,
            reason: decision.reason.to_owned(),
            rate: decision.rate,
            key: decision.key,
            keep: decision.keep,
            mismatches,
        };
        self.running = Some((process, sampler));
        Ok(decided)
    }
}
