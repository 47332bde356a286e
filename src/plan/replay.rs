//! Passes recorded traffic of a target through the samplers of both states, in one pass.

use super::clock::Clock;
use super::side::Side;
use super::target_plan::TargetPlan;
use super::traffic::{Decision, Traffic};
use crate::engine::{Keep, KeyFields, ReadFields, Trace};
use crate::pipeline::parallel::map;
use crate::thin::requirements_of;
use crate::traces::{
    BadInput, Grouped, Input, Intake, MOST_KEPT, Matched, Requirements, Route, Run, TraceResult,
};
use std::collections::HashMap;
use std::io::Read;

/// The number of traces that are matched at once.
const PIECE: usize = 4096;

/// Recorded traffic of a target on its way through the samplers before and after.
pub struct Replay<'t> {
    runs: [Run<'t>; 2],
    route: Route,
    /// What both samplers read.
    read: ReadFields,
    intakes: [Intake; 2],
    /// Whether traces of events may differ before and after.
    differs_at_ingest: bool,
    /// The data of recorded traces that both samplers use.
    requirements: [Requirements; 2],
    /// Spans of exports and batches, whose traces are complete at the end.
    grouped: [Grouped; 2],
    clock: Clock,
    traffic: Traffic,
}

/// What is known about a trace before earlier traces matter.
struct Prepared {
    events: u64,
    time: Option<i64>,
    matched: [Matched; 2],
}

/// A trace of exports or batches that is decided in one state.
struct Decided {
    events: u64,
    late: u64,
    decision: Decision,
}

impl<'t> Replay<'t> {
    /// `interval` is the time between two traces that have no times, in nanoseconds.
    pub fn new(target: &'t TargetPlan, sides: [&Side<'_>; 2], route: Route, interval: i64) -> Self {
        let [old, new] = &target.specs;
        let read = ReadFields::of_target(old).and(ReadFields::of_target(new));
        // If Refinery crashes while it looks for the fields, it crashes on the first trace as well.
        let keys = [old, new].map(|spec| KeyFields::of_target(spec).unwrap_or_default());
        let differs_at_ingest = keys[0] != keys[1] || sides[0].intake != sides[1].intake;
        let requirements = [(old, sides[0]), (new, sides[1])]
            .map(|(spec, side)| requirements_of(spec, side.semantics));
        let [old_keys, new_keys] = keys;
        let intakes = [(sides[0], old_keys), (sides[1], new_keys)]
            .map(|(side, keys)| Intake::new(side.intake.clone(), keys, read.clone()));
        let [old_name, new_name] = &target.decided_by;
        let runs = [Run::new(old_name, old, 0), Run::new(new_name, new, 0)];
        Self {
            runs,
            route,
            read,
            intakes,
            differs_at_ingest,
            requirements,
            grouped: [Grouped::default(), Grouped::default()],
            clock: Clock::new(interval),
            traffic: Traffic::default(),
        }
    }

    /// Reads a stream of traces.
    ///
    /// # Errors
    /// It cannot be read, has no valid traces, or needs too much memory.
    pub fn add(&mut self, stream: Box<dyn Read + '_>) -> Result<(), BadInput> {
        let mut input = Input::open(stream)?;
        let thinned = input.thinned().into_iter();
        let missing =
            thinned.flat_map(|known| self.requirements.iter().flat_map(|q| known.missing(q)));
        self.traffic.missing.extend(missing);
        if input.has_events() { self.add_events(&mut input) } else { self.add_lines(&mut input) }
    }

    /// Traces are read and matched by all processors, and decided in order.
    fn add_lines(&mut self, input: &mut Input<'_>) -> Result<(), BadInput> {
        loop {
            let parts = input.next_parts()?;
            if parts.is_empty() {
                return Ok(());
            }
            let (runs, route) = (&self.runs, self.route);
            let prepared = map(&parts, |part| {
                let read = self.read.clone();
                part.map_traces(route, &read, |trace| prepare(runs, trace))
            });
            for prepared in prepared.into_iter().flatten() {
                self.settle(prepared?);
            }
        }
    }

    /// Events of a trace may be anywhere, so that all are read before the first decision.
    fn add_events(&mut self, input: &mut Input<'_>) -> Result<(), BadInput> {
        let sides = if self.differs_at_ingest { 2 } else { 1 };
        loop {
            let parts = input.next_parts()?;
            if parts.is_empty() {
                return Ok(());
            }
            for (grouped, intake) in self.grouped.iter_mut().zip(&self.intakes).take(sides) {
                for arrivals in map(&parts, |part| part.arrivals(&intake.clone())) {
                    arrivals?.into_iter().for_each(|arrival| grouped.add(arrival));
                }
            }
            if self.grouped.iter().map(Grouped::size).sum::<usize>() > MOST_KEPT {
                return Err(BadInput::TooMuch { most: MOST_KEPT });
            }
        }
    }

    /// Decides the traces of exports and batches, and returns the result.
    ///
    /// # Errors
    /// There is no trace.
    pub fn finish(mut self) -> Result<Traffic, BadInput> {
        let [old, new] = std::mem::take(&mut self.grouped);
        let [old_timing, new_timing] = self.intakes.each_ref().map(Intake::timing);
        let old: Vec<Trace> = old.into_decided(old_timing).collect();
        let new = self.differs_at_ingest.then(|| new.into_decided(new_timing).collect::<Vec<_>>());
        let new = new.as_deref().unwrap_or(&old);
        let begin = self.clock.clone();
        let [old, new] = [(0, &old[..]), (1, new)].map(|(side, traces)| {
            self.clock = begin.clone();
            self.decide_all(side, traces)
        });
        self.join(old, new);
        self.traffic.duration = self.clock.duration();
        if self.traffic.all.traces == 0 { Err(BadInput::Empty) } else { Ok(self.traffic) }
    }

    /// Decides traces in one state.
    fn decide_all<'a>(&mut self, side: usize, traces: &'a [Trace]) -> Vec<(&'a str, Decided)> {
        let mut all = Vec::with_capacity(traces.len());
        for piece in traces.chunks(PIECE) {
            let run = &self.runs[side];
            let matched = map(piece, |trace| run.find_match(trace, false));
            for (trace, matched) in piece.iter().zip(matched) {
                let now = self.clock.advance(trace.time);
                let decision = decision(&self.runs[side].settle_at(matched, now));
                let decided = Decided { events: events(trace), late: trace.late, decision };
                all.push((&*trace.id, decided));
            }
        }
        all
    }

    /// Counts the traces of both states by their IDs.
    fn join(&mut self, old: Vec<(&str, Decided)>, new: Vec<(&str, Decided)>) {
        let order: Vec<&str> = new.iter().map(|(id, _)| *id).collect();
        let mut rest: HashMap<&str, Decided> = new.into_iter().collect();
        for (id, decided) in old {
            let other = rest.remove(id);
            self.add_pair([Some(decided), other]);
        }
        for decided in order.into_iter().filter_map(|id| rest.remove(id)) {
            self.add_pair([None, Some(decided)]);
        }
    }

    fn add_pair(&mut self, pair: [Option<Decided>; 2]) {
        let [old, new] = &pair;
        self.traffic.alone[0] += u64::from(new.is_none());
        self.traffic.alone[1] += u64::from(old.is_none());
        for (sum, decided) in self.traffic.late.iter_mut().zip(&pair) {
            *sum += decided.as_ref().map_or(0, |decided| decided.late);
        }
        let events = new.as_ref().or(old.as_ref()).map_or(0, |decided| decided.events);
        // Events without a trace are not sampled.
        let unsampled = Decision { rule: None, kept: 1.0, is_crash: false };
        let decisions = pair.map(|decided| decided.map_or(unsampled, |decided| decided.decision));
        self.traffic.add(events, decisions);
    }

    fn settle(&mut self, prepared: Prepared) {
        let now = self.clock.advance(prepared.time);
        let [old, new] = prepared.matched;
        let [old_run, new_run] = &mut self.runs;
        let decide = |run: &mut Run<'_>, matched| decision(&run.settle_at(matched, now));
        let decisions = [decide(old_run, old), decide(new_run, new)];
        self.traffic.add(prepared.events, decisions);
    }
}

/// Those that arrive after the decision share its fate.
fn events(trace: &Trace) -> u64 {
    trace.spans().len() as u64 + trace.late
}

fn prepare(runs: &[Run<'_>; 2], trace: &Trace) -> Prepared {
    Prepared {
        events: events(trace),
        time: trace.time,
        matched: runs.each_ref().map(|run| run.find_match(trace, false)),
    }
}

#[expect(clippy::cast_precision_loss, reason = "rates are smaller")]
fn decision(result: &TraceResult) -> Decision {
    match &result.outcome {
        Ok(decided) => {
            let kept = match decided.keep {
                Keep::Yes => 1.0,
                Keep::No => 0.0,
                Keep::Chance => 1.0 / decided.rate as f64,
            };
            Decision { rule: decided.rule, kept, is_crash: false }
        }
        Err(_) => Decision { rule: None, kept: 0.0, is_crash: true },
    }
}
